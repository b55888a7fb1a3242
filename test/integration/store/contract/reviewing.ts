import { describe, expect, test } from 'vitest';
import { workerLeaseName } from '../../../../src/core/model/lease.ts';
import { base, head, newIdOf, type OpenGround, Stage } from '../stage.ts';

const next = '5ec0000000000000000000000000000000000000';

export function reviewContract(open: OpenGround): void {
  describe('handing over and reviewing', () => {
    test('work that is handed over ends attempt and lease and opens a review of its commit', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      await stage.one();
      const { lease, task, attempt, worker } = await stage.run(await stage.worker());
      const review = newIdOf('review');
      const outcome = { kind: 'in_review', base, head } as const;
      const seq = await stage.seq();
      const args = { lease, outcome, review, entry: newIdOf('entry'), now: 99 };
      expect(await stage.store.finish(args)).toBe('finished');
      expect(await stage.store.finish(args)).toBe('lost');
      expect(await stage.task(task)).toMatchObject({ state: 'in_review', base, head });
      expect(await stage.store.reviews(task)).toEqual([{ id: review, task, base, head, state: 'open', createdAt: 99 }]);
      expect(await stage.store.attempts(task)).toMatchObject([
        { id: attempt, base, head, outcome: 'handed_over', endedAt: 99 },
      ]);
      expect(await stage.store.worker(worker)).toMatchObject({ state: 'idle' });
      expect((await stage.store.situation()).leases).toMatchObject([{ name: workerLeaseName(worker) }]);
      expect(await stage.told(seq)).toEqual(['task.in_review: handed over', 'review.opened: review of 4ead000000']);
    });

    test('every other way to finish leads to its state', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      await stage.queue(5);
      const worker = await stage.worker();
      const ends = [];
      const feedback = { kind: 'check_failed', text: 'red', mergeIn: base } as const;
      for (const outcome of [
        { kind: 'no_changes' },
        { kind: 'failed', reason: 'exit\n1' },
        { kind: 'approved', base, head },
        { kind: 'requeue', feedback, countsAsRound: true, outcome: 'failed' },
        { kind: 'requeue', countsAsRound: false, outcome: 'stopped' },
      ] as const) {
        // What was just sent back waits for the worker with its session.
        const { lease, task } = await stage.run(ends.length < 4 ? worker : await stage.worker());
        expect(await stage.finish(lease, outcome)).toBe('finished');
        ends.push([await stage.task(task), (await stage.store.attempts(task))[0], await stage.store.reviews(task)]);
      }
      expect(ends).toMatchObject([
        [{ state: 'skipped', reason: 'no changes' }, { outcome: 'no_changes' }, []],
        [{ state: 'failed', reason: 'exit 1' }, { outcome: 'failed', reason: 'exit 1' }, []],
        [
          { state: 'approved', head },
          { outcome: 'handed_over', head },
          [{ state: 'approved', reviewer: 'check', head }],
        ],
        [{ state: 'queued', rounds: 1, feedback }, { outcome: 'failed' }, []],
        [{ state: 'queued', rounds: 0 }, { outcome: 'stopped' }, []],
      ]);
    });

    test('work that the check approved lands by itself where its batch says so', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const entry = newIdOf('entry');
      await stage.one({ target: 'release' }, { land: true, review: 'none' });
      const { lease, task } = await stage.run(await stage.worker());
      const outcome = { kind: 'approved', base, head } as const;
      await stage.store.finish({ lease, outcome, review: newIdOf('review'), entry, now: 99 });
      expect(await stage.store.entry(entry)).toMatchObject({
        task,
        target: 'release',
        head,
        state: 'queued',
        createdAt: 99,
      });
    });

    test('feedback is gone once the work that follows it is handed over', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const { task, worker } = await stage.inReview();
      await stage.decide(task, { kind: 'request_changes', note: 'shorter' });
      expect(await stage.task(task)).toMatchObject({ feedback: { kind: 'changes_asked', text: 'shorter' }, rounds: 0 });
      const { lease } = await stage.run(worker);
      await stage.finish(lease, { kind: 'in_review', base, head: next });
      expect(await stage.task(task)).not.toHaveProperty('feedback');
      expect((await stage.store.reviews(task)).map((each) => [each.state, each.head, each.note])).toEqual([
        ['changes_asked', head, 'shorter'],
        ['open', next, undefined],
      ]);
    });

    test('approval is of a commit, by a person, and told', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const { task } = await stage.inReview();
      const seq = await stage.seq();
      const approved = await stage.decide(task, { kind: 'approve' });
      expect(approved).toMatchObject({ id: task, state: 'approved', base, head });
      expect(await stage.decide(task, { kind: 'approve' })).toEqual(approved);
      expect(await stage.store.reviews(task)).toMatchObject([{ state: 'approved', reviewer: 'you' }]);
      expect((await stage.store.overview()).entries).toEqual([]);
      expect(await stage.told(seq)).toEqual(['review.approved: by you', 'task.approved: approved by you']);
    });

    test('approved work lands by itself where its batch says so', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const { task } = await stage.inReview({ land: true });
      const entry = newIdOf('entry');
      await stage.decide(task, { kind: 'approve' }, { entry });
      expect((await stage.store.overview()).entries).toMatchObject([{ id: entry, task, head, state: 'queued' }]);
    });

    test('a verdict that cannot be is refused in words and changes nothing', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const { task } = await stage.inReview();
      const queued = await stage.one();
      const before = await stage.everything();
      const missing = newIdOf('task');
      expect([
        await stage.decide(task, { kind: 'approve' }, { head: next }),
        await stage.decide(task, { kind: 'request_changes', note: ' ' }),
        await stage.decide(queued, { kind: 'approve' }),
        await stage.decide(missing, { kind: 'approve' }),
      ]).toEqual([
        { refused: '“Do it” has moved on to commit 4ead000000; read that one first' },
        { refused: 'say what should change' },
        { refused: '“Do it” is queued, not in review' },
        { refused: `there is no task ${missing}` },
      ]);
      expect(await stage.everything()).toEqual(before);
    });

    test('an approval that lapses takes its entry out of the queue', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const { task } = await stage.approved({ land: true });
      const [entry] = (await stage.store.overview()).entries;
      expect(await stage.decide(task, { kind: 'request_changes', note: 'on second thoughts' })).toMatchObject({
        state: 'queued',
        feedback: { kind: 'changes_asked', text: 'on second thoughts' },
      });
      expect((await stage.store.overview()).entries).toMatchObject([
        { id: entry?.id, state: 'withdrawn', reason: 'changes were asked for' },
      ]);
      expect(await stage.store.reviews(task)).toMatchObject([{ state: 'changes_asked', note: 'on second thoughts' }]);
    });

    test('rejected work is cancelled and stays where it is', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const { task } = await stage.inReview();
      expect(await stage.decide(task, { kind: 'reject', note: '' })).toMatchObject({
        state: 'cancelled',
        reason: 'rejected by you',
        branch: `swarm/${task}`,
        worktree: `/worktrees/${task}`,
        head,
      });
      expect(await stage.store.reviews(task)).toMatchObject([{ state: 'rejected', reviewer: 'you' }]);
      const waiting = await stage.approved({ land: true });
      await stage.decide(waiting.task, { kind: 'reject', note: 'after all' });
      expect((await stage.store.overview()).entries).toMatchObject([
        { task: waiting.task, state: 'withdrawn', reason: 'the work was rejected' },
      ]);
    });

    test('a branch that moved is reviewed anew, at its new commit', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const waiting = await stage.inReview();
      const approved = await stage.approved({ land: true });
      const reopen = (task: typeof waiting.task) =>
        stage.store.reopenReview({
          task,
          review: newIdOf('review'),
          base,
          head: next,
          reason: 'it moved',
          now: stage.at(),
        });
      for (const { task } of [waiting, approved]) {
        expect(await reopen(task)).toMatchObject({ state: 'in_review', head: next });
      }
      const reviews = async (task: typeof waiting.task) =>
        (await stage.store.reviews(task)).map((each) => `${each.state} ${each.head.slice(0, 4)}`);
      expect([await reviews(waiting.task), await reviews(approved.task)]).toEqual([
        ['superseded 4ead', 'open 5ec0'],
        ['approved 4ead', 'open 5ec0'],
      ]);
      expect((await stage.store.overview()).entries).toMatchObject([{ state: 'withdrawn', reason: 'it moved' }]);
      const queued = await stage.one();
      expect(await reopen(queued)).toEqual({ refused: '“Do it” is queued, it cannot be reviewed' });
    });

    test('a task is taken back by the worker whose session the person spoke to', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const { task, worker, session } = await stage.approved({ land: true });
      const attempt = newIdOf('attempt');
      const owner = stage.process();
      const retaken = await stage.store.retake({ worker, task, attempt, session, owner, leaseMs: 5, now: stage.at() });
      expect(retaken).toMatchObject({
        task: { state: 'running', session, attempt, attempts: 2, base, head },
        attempt: { id: attempt, number: 2, worker, base },
      });
      expect(await stage.store.worker(worker)).toMatchObject({ state: 'busy', task });
      expect((await stage.store.overview()).entries).toMatchObject([{ state: 'withdrawn' }]);
      if ('refused' in retaken) throw new Error(retaken.refused);
      expect(await stage.finish(retaken.task.lease, { kind: 'in_review', base, head: next })).toBe('finished');
      expect((await stage.store.reviews(task)).map((each) => each.state)).toEqual(['approved', 'open']);
    });

    test('a task in review that is taken back is not up for decision meanwhile', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const { task, worker, session } = await stage.inReview();
      const owner = stage.process();
      await stage.store.retake({
        worker,
        task,
        attempt: newIdOf('attempt'),
        session,
        owner,
        leaseMs: 5,
        now: stage.at(),
      });
      expect(await stage.store.reviews(task)).toMatchObject([{ state: 'superseded' }]);
      expect(await stage.decide(task, { kind: 'approve' })).toEqual({ refused: '“Do it” is running, not in review' });
    });

    test('a task is not taken back while it lands, by a worker without its session, or by a busy one', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const landing = await stage.landing();
      const busy = await stage.inReview();
      await stage.one();
      await stage.lease(busy.worker);
      const reviewed = await stage.inReview();
      const retake = (from: typeof busy, worker = from.worker) => {
        const { task, session } = from;
        const owner = stage.process();
        return stage.store.retake({
          worker,
          task,
          session,
          owner,
          attempt: newIdOf('attempt'),
          leaseMs: 5,
          now: stage.at(),
        });
      };
      const closed = { refused: 'the session of “Do it” is not open at this worker' };
      expect([await retake(landing), await retake(busy), await retake(reviewed, landing.worker)]).toEqual([
        { refused: '“Do it” is merging, it cannot be taken back' },
        closed,
        closed,
      ]);
    });
  });
}
