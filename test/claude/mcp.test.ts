import { describe, expect, test } from 'vitest';
import { bash, say, task, use } from '../support/model/script.ts';
import { terminalWorld } from '../support/terminalWorld.ts';

describe('the tools of a session', () => {
  test('claim files and write to the person, in a real session, and a refusal is an answer to the model', async () => {
    await using world = await terminalWorld(
      task('Ask').turns(
        // By then it has connected.
        [bash('git status')],
        [use('mcp__swarm__claim', { paths: ['src/', 'b.txt'] })],
        [use('mcp__swarm__claim', { paths: ['a.txt'] })],
        [use('mcp__swarm__message', { to: 'you', body: 'May I change a.txt?' })],
        [use('mcp__swarm__status_update', { status: 'running', note: 'half done' })],
        [say('Asked.')],
      ),
    );
    const you = world.opened.swarm.teamwork('you');
    await you.claim([{ kind: 'file', path: 'a.txt' }]);
    const id = await world.queue('Ask');
    await world.open();
    await world.tells(id, 'turn_ended');
    const [conversation] = world.box.model.conversations();
    const events = await world.opened.store.eventsAfter(0, 1000, id);
    expect({
      results: conversation?.toolResults.slice(1).map(({ tool, isError, text }) => [tool, isError, text]),
      inbox: await you.inbox({ unreadOnly: true }),
      status: events.filter(({ kind }) => kind === 'session.status').map(({ text }) => text),
    }).toMatchObject({
      results: [
        ['mcp__swarm__claim', false, 'You hold src/, b.txt.'],
        ['mcp__swarm__claim', true, expect.stringContaining('a.txt is claimed by the person, until it is released.')],
        ['mcp__swarm__message', false, 'Sent to you.'],
        ['mcp__swarm__status_update', false, 'Noted.'],
      ],
      inbox: [{ from: id, body: 'May I change a.txt?' }],
      status: ['running: half done'],
    });
  });
});
