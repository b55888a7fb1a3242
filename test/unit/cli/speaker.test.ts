import { expect, test } from 'vitest';
import { whyNotThePerson } from '../../../src/cli/speaker.ts';
import { task, worker } from '../core/builders.ts';

const speaker = {
  worker: undefined,
  worktree: undefined,
  folder: '/home/ada/repo',
  ancestors: [{ pid: 7, parent: 1, startTime: 'boot/5' }],
};
const swarm = {
  workers: [worker({ name: 'worker 3', process: { machine: 'here', pid: 7, startTime: 'boot/4' } })],
  tasks: [task({ title: 'Tea', worktree: '/home/ada/repo.worktrees/tea' })],
};

test('a person in their own terminal is the person, also beside a worktree and with a pid that was a worker’s once', () => {
  expect([
    whyNotThePerson(speaker, swarm),
    whyNotThePerson({ ...speaker, worker: '' }, swarm),
    whyNotThePerson({ ...speaker, folder: '/home/ada/repo.worktrees/tea 2' }, swarm),
  ]).toEqual([undefined, undefined, undefined]);
});

test('a session is told apart by its environment, its folder or its ancestors', () => {
  expect([
    whyNotThePerson({ ...speaker, worker: 'w1' }, swarm),
    whyNotThePerson({ ...speaker, worktree: '/repo.worktrees/.scratch/1-tree/repo' }, swarm),
    whyNotThePerson({ ...speaker, folder: '/home/ada/repo.worktrees/tea/src' }, swarm),
    whyNotThePerson({ ...speaker, folder: '/home/ada/repo.worktrees/tea' }, swarm),
    whyNotThePerson({ ...speaker, ancestors: [{ pid: 7, parent: 1, startTime: 'boot/4' }] }, swarm),
  ]).toEqual([
    '$SWARM_WORKER says that w1 is speaking',
    'this command was started inside of /repo.worktrees/.scratch/1-tree/repo',
    'this folder is the worktree of “Tea”',
    'this folder is the worktree of “Tea”',
    'this command was started by worker 3',
  ]);
});
