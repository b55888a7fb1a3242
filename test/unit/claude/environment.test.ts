import { expect, test } from 'vitest';
import { sessionEnvironment } from '../../../src/claude/environment.ts';

const person = {
  PATH: '/bin',
  ANTHROPIC_API_KEY: 'key',
  ANTHROPIC_AUTH_TOKEN: 'token',
  CLAUDE_CODE_USE_BEDROCK: '1',
  ANTHROPIC_BASE_URL: 'http://127.0.0.1:1',
  CLAUDE_CODE_OAUTH_TOKEN: 'oauth',
  CLAUDE_CONFIG_DIR: '/home/ada/.claude',
  SWARM_STORE: '/another.db',
  ELECTRON_RUN_AS_NODE: '1',
  CLAUDECODE: '1',
  CLAUDE_CODE_ENTRYPOINT: 'cli',
  CLAUDE_CODE_SSE_PORT: '1',
  SWARM_TOKEN: 'other',
  SWARM_WORKER: 'other',
  SWARM_WORKTREE: '/other',
  GIT_DIR: '/x',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_CEILING_DIRECTORIES: '/net',
};
const kept = {
  PATH: '/bin',
  ANTHROPIC_BASE_URL: 'http://127.0.0.1:1',
  CLAUDE_CODE_OAUTH_TOKEN: 'oauth',
  CLAUDE_CONFIG_DIR: '/home/ada/.claude',
  SWARM_STORE: '/store.db',
  GIT_AUTHOR_NAME: 'Ada',
  CLAUDE_CODE_IDE_SKIP_AUTO_INSTALL: '1',
  CLAUDE_CODE_AUTO_CONNECT_IDE: 'false',
  SWARM_WORKER: 'w1',
  SWARM_WORKTREE: '/home/ada/my worktree',
  GIT_CEILING_DIRECTORIES: '/home/ada:/net',
  SWARM_TOKEN: 'ours',
};
const ours = { worker: 'w1', store: '/store.db', worktree: '/home/ada/my worktree', token: 'ours', keepApiKey: false };

test('a session runs on the subscription, knows its worker, and nothing of the process that started it', () => {
  expect(sessionEnvironment(person, ours)).toEqual(kept);
});

test('the API key stays in when the person says so', () => {
  expect(sessionEnvironment(person, { ...ours, keepApiKey: true })).toEqual({
    ...kept,
    ANTHROPIC_API_KEY: 'key',
    ANTHROPIC_AUTH_TOKEN: 'token',
    CLAUDE_CODE_USE_BEDROCK: '1',
  });
});

test('telemetry comes to us, unless the person has their own', () => {
  const telemetry = { url: 'http://127.0.0.1:2', token: 'meter' };
  const personal = { ...person, OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector.example.com' };
  expect(sessionEnvironment(person, { ...ours, telemetry })).toMatchObject({
    CLAUDE_CODE_ENABLE_TELEMETRY: '1',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:2',
    OTEL_EXPORTER_OTLP_HEADERS: 'Authorization=Bearer meter',
  });
  expect(sessionEnvironment(personal, { ...ours, telemetry })).toEqual({
    ...kept,
    OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector.example.com',
  });
});
