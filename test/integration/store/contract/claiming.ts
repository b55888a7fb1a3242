import { describe, expect, test } from 'vitest';
import { mostClaims } from '../../../../src/core/model/claim.ts';
import { taskLeaseName } from '../../../../src/core/model/lease.ts';
import { base, head, newIdOf, type OpenGround } from '../stage.ts';
import { heldText, TeamStage, wanted } from '../teamStage.ts';

const review = { kind: 'in_review', base, head } as const;

/** What a store keeps to of claims. */
export function claimContract(open: OpenGround): void {
  describe('claims', () => {
    test('of two parties that want a file one gets it, and the other is told by whom it is held', async () => {
      await using ground = await open();
      const stage = new TeamStage(ground.store);
      const [one, other] = [await stage.works('One'), await stage.works('Other')];
      const answer = await stage.claim(one.task, ['src/a.ts']);
      const worker = await ground.store.worker(one.worker);
      const claim = {
        id: expect.stringMatching(/^c/),
        kind: 'file',
        path: 'src/a.ts',
        mode: 'exclusive',
        holder: one.task,
        title: 'One',
        task: one.task,
        worker: { id: one.worker, name: worker?.name },
        origin: 'asked',
        claimedAt: stage.now,
        expiresAt: expect.any(Number),
      };
      expect(answer).toEqual({ kind: 'claimed', claims: [claim], beside: [] });
      expect(await stage.claim(other.task, ['src/a.ts'])).toEqual({
        kind: 'refused',
        refused: [{ wanted: { kind: 'file', path: 'src/a.ts' }, by: claim }],
      });
      expect(await ground.store.claims()).toEqual([claim]);
    });

    test('a claim ends with the last renewal of its holder’s lease and its length, in wall-clock time', async () => {
      await using ground = await open();
      const stage = new TeamStage(ground.store);
      const { task, lease } = await stage.works('One');
      await stage.claim(task, ['a']);
      await ground.store.renewTask({ lease, now: stage.now + 500 });
      await stage.claim('you', ['b']);
      expect((await ground.store.claims()).map(({ expiresAt }) => expiresAt)).toEqual([
        stage.now - 1 + 500 + 30_000,
        undefined,
      ]);
      await stage.finish(lease, review);
      expect((await ground.store.claims()).map(({ expiresAt }) => expiresAt)).toEqual([undefined, undefined]);
    });

    test('all that is wanted is claimed, or nothing', async () => {
      await using ground = await open();
      const stage = new TeamStage(ground.store);
      const [one, other] = await stage.queue([stage.newTask({ title: 'One' }), stage.newTask({ title: 'Other' })]);
      if (!one || !other) throw new Error('no tasks');
      expect(await stage.asks(one, 'b.ts', 'lib/')).toBe('yes');
      expect(await stage.asks(other, 'a.ts', 'b.ts', 'lib/x.ts', 'c.ts')).toBe('b.ts: One, lib/x.ts: One');
      expect(await stage.held()).toEqual([`${one}: b.ts`, `${one}: lib/`]);
    });

    test('folders, globs, and spellings that some file system takes for the same stand in each other’s way', async () => {
      await using ground = await open();
      const stage = new TeamStage(ground.store);
      const [one, other] = await stage.queue([stage.newTask({ title: 'One' }), stage.newTask({ title: 'Other' })]);
      if (!one || !other) throw new Error('no tasks');
      const table: readonly (readonly [string, string, boolean])[] = [
        ['src/a.ts', 'src/a.ts', false],
        ['src/a.ts', 'SRC/A.ts', false],
        ['src/Stra\u00dfe/\u00e9.ts', 'src/stra\u00dfe/e\u0301.ts', false],
        ['src/a.ts', 'src/b.ts', true],
        ['src/a.ts', 'src/a.tsx', true],
        ['src/', 'src/deep/er/a.ts', false],
        ['src/deep/er/a.ts', 'src/', false],
        ['src/', 'src', false],
        ['src/', 'src0/a.ts', true],
        ['src/', 'src-x/', true],
        ['src/', 'src.ts', true],
        ['src/*.ts', 'src/a.ts', false],
        ['src/a.ts', 'src/*.ts', false],
        ['src/a.js', 'src/*.ts', true],
        ['src/*.ts', 'src/b/a.ts', true],
        ['**/*.md', 'docs/', false],
        ['docs/', '**/*.md', false],
        ['**/*.md', '**/a.md', false],
        ['**/*.md', '**/*.ts', true],
        ['docs/**', 'test/', true],
        ['docs/{a,b}/c.md', 'docs/b/c.md', false],
      ];
      for (const [have, want, isFree] of table) {
        await stage.asks(one, have);
        const answer = await stage.claim(other, [want]);
        expect([have, want, answer.kind]).toEqual([have, want, isFree ? 'claimed' : 'refused']);
        await stage.unclaim(one);
        await stage.unclaim(other);
      }
    });

    test('what a party holds already, or a folder or glob of its own covers, is no second claim', async () => {
      await using ground = await open();
      const stage = new TeamStage(ground.store);
      expect(await stage.asks('you', 'src/', '*.md', 'a.ts')).toBe('yes');
      const answer = await stage.claim('you', [
        'a.ts',
        'A.ts',
        'src/x/y.ts',
        'src/x/',
        'src/**/*.ts',
        'b.md',
        'b.md',
        'new.ts',
        'NEW.ts',
      ]);
      expect(answer.kind === 'claimed' && answer.claims.map(heldText)).toEqual([
        'you: a.ts',
        'you: src/',
        'you: *.md',
        'you: new.ts',
      ]);
      expect(await stage.held()).toEqual(['you: src/', 'you: *.md', 'you: a.ts', 'you: new.ts']);
    });

    test('a weaker claim of one’s own is made firm only where nobody else is in the way', async () => {
      await using ground = await open();
      const stage = new TeamStage(ground.store);
      await stage.asks('you', 'log.md shared-append');
      expect(await stage.asks('you', 'log.md')).toBe('yes');
      expect(await stage.held()).toEqual(['you: log.md']);
      expect(await stage.asks('you', 'log.md shared-append')).toBe('yes');
      expect(await stage.held()).toEqual(['you: log.md']);
      const task = await stage.one();
      await stage.asks('you', 'two.md shared-append');
      expect(await stage.asks(task, 'two.md shared-append')).toBe('yes');
      expect(await stage.asks('you', 'two.md')).toBe('two.md: Do it');
    });

    test('modes let others in beside, and say who they are', async () => {
      await using ground = await open();
      const stage = new TeamStage(ground.store);
      const task = await stage.one({ title: 'One' });
      await stage.asks(task, 'log.md shared-append', 'loose.ts warn', 'mine.ts');
      const answers = [];
      for (const path of ['log.md shared-append', 'log.md', 'loose.ts', 'mine.ts warn', 'mine.ts shared-append']) {
        const answer = await stage.claim('you', [path]);
        answers.push([path, answer.kind, answer.kind === 'claimed' ? answer.beside.map(heldText) : []]);
      }
      expect(answers).toEqual([
        ['log.md shared-append', 'claimed', [`${task}: log.md shared-append`]],
        ['log.md', 'refused', []],
        ['loose.ts', 'claimed', [`${task}: loose.ts warn`]],
        ['mine.ts warn', 'claimed', [`${task}: mine.ts`]],
        ['mine.ts shared-append', 'refused', []],
      ]);
    });

    test('who has ended, was never there, or has too many may claim nothing', async () => {
      await using ground = await open();
      const stage = new TeamStage(ground.store);
      const task = await stage.one({ title: 'Over' });
      await ground.store.cancelTask({ task, reason: 'no', now: stage.at() });
      const many = Array.from({ length: mostClaims }, (_, index) => `many/${index}`);
      expect([
        await stage.asks(task, 'a'),
        await stage.asks(newIdOf('task'), 'a'),
        await stage.asks('@ann', 'a'),
        await stage.asks('you', ...many),
        await stage.asks('you', 'many/5', 'many/6'),
        await stage.asks('you', 'one more'),
      ]).toEqual([
        '“Over” has ended (cancelled)',
        expect.stringMatching(/^there is no task t/),
        'ann is not here (any more)',
        'yes',
        'yes',
        'nobody may hold more than 1000 claims; claim whole folders',
      ]);
      expect((await stage.held()).length).toBe(mostClaims);
    });

    test('claims stay while their task is in review, approved or sent back, and end when it is over', async () => {
      await using ground = await open();
      const stage = new TeamStage(ground.store);
      const { task, lease } = await stage.works('One');
      await stage.asks(task, 'a');
      const seen: string[] = [];
      const look = async (what: string) => seen.push(`${what}: ${(await stage.held(task)).length}`);
      await stage.finish(lease, review);
      await look('in review');
      await stage.decide(task, { kind: 'request_changes', note: 'more' });
      await look('changes asked');
      const again = await stage.ask(await stage.worker());
      if (again.kind === 'leased') throw new Error('its session is open elsewhere');
      await ground.store.cancelTask({ task, reason: 'no', now: stage.at() });
      await look('cancelled');
      const landing = await stage.landing();
      await stage.asks(landing.task, 'b');
      expect(await stage.asks('you', 'b')).toBe('b: Do it');
      const merged = { kind: 'merged', landed: 'c0ffee', files: ['b'] } as const;
      await ground.store.landed({ ...landing.fence, landing: merged, review: newIdOf('review'), now: stage.at() });
      seen.push(`merged: ${(await stage.held(landing.task)).length}`);
      expect(seen).toEqual(['in review: 1', 'changes asked: 1', 'cancelled: 0', 'merged: 0']);
      expect(await stage.inbox('you')).toEqual(['b is free now. Claim it before you change anything there.']);
    });

    test('claims end when their worker is lost or stopped, but not when its session failed and is tried again', async () => {
      await using ground = await open();
      const stage = new TeamStage(ground.store);
      const { store } = ground;
      const left: string[] = [];
      for (const way of ['reaped', 'stopped', 'requeued as stopped', 'requeued as failed'] as const) {
        const { task, lease, worker } = await stage.works(way);
        await stage.asks(task, way.replaceAll(' ', '-'));
        if (way === 'reaped') {
          const name = taskLeaseName(task);
          await store.reap({ lost: [{ name, token: lease.token, renewals: 0 }], now: stage.at() });
        } else if (way === 'stopped') {
          await store.workerStopped({ worker, reason: 'closed', now: stage.at() });
        } else {
          const outcome = way === 'requeued as stopped' ? 'stopped' : 'failed';
          await stage.finish(lease, { kind: 'requeue', countsAsRound: false, outcome });
        }
        left.push(`${way}: ${(await stage.held(task)).length}`);
        await store.cancelTask({ task, reason: 'next', now: stage.at() });
      }
      expect(left).toEqual(['reaped: 0', 'stopped: 0', 'requeued as stopped: 0', 'requeued as failed: 1']);
    });

    test('what a task builds on does not stand in its way once it is handed over', async () => {
      await using ground = await open();
      const stage = new TeamStage(ground.store);
      const first = await stage.works('First');
      const [second] = await stage.queue([stage.newTask({ title: 'Second', after: [first.task] })]);
      if (!second) throw new Error('no task');
      const third = await stage.one({ title: 'Third', after: [second] });
      await stage.asks(first.task, 'a');
      const answers = [await stage.asks(third, 'a')];
      await stage.finish(first.lease, review);
      answers.push(await stage.asks('you', 'a'), await stage.asks(third, 'a'));
      expect(answers).toEqual(['a: First', 'a: First', 'yes']);
      expect(await stage.inbox(third)).toEqual(['a is free now. Claim it before you change anything there.']);
      expect(await ground.store.audit({ task: third, paths: [wanted('a')] })).toEqual([]);
      // Nor does what builds on a task keep that from landing.
      expect(await ground.store.audit({ task: first.task, paths: [wanted('a')] })).toEqual([]);
    });
  });

  describe('releasing claims', () => {
    test('only what is named exactly is released, by its holder or the person', async () => {
      await using ground = await open();
      const stage = new TeamStage(ground.store);
      const [task, other] = [await stage.one(), await stage.one()];
      await stage.asks(task, 'a.ts', 'b.ts', 'src/', 'c.ts');
      const none = await stage.unclaim(task, ['src/x.ts', 'nothing.ts']);
      const some = await stage.unclaim(task, ['A.ts', 'src/']);
      expect([none, Array.isArray(some) && some.map(heldText)]).toEqual([[], [`${task}: a.ts`, `${task}: src/`]]);
      expect(await stage.unclaim(task, ['b.ts'], { by: other })).toEqual({ refused: 'these claims are not yours' });
      await stage.unclaim(task, ['b.ts'], { by: 'you' });
      expect(await stage.held()).toEqual([`${task}: c.ts`]);
      expect(await stage.inbox(task)).toEqual(['The person has released your claim on b.ts.']);
      await stage.unclaim(task);
      expect(await stage.held()).toEqual([]);
    });

    test('whoever was refused is told once, when nothing stands in the way any more', async () => {
      await using ground = await open();
      const stage = new TeamStage(ground.store);
      const [one, two, waits] = [await stage.one(), await stage.one(), await stage.one({ title: 'Waits' })];
      await stage.asks(one, 'src/a.ts', 'x.ts');
      await stage.asks(two, 'src/b.ts');
      for (let times = 0; times < 3; times += 1) await stage.asks(waits, 'src/', 'x.ts');
      const said: (readonly string[])[] = [];
      for (const holder of [one, two]) {
        await stage.unclaim(holder);
        said.push(await stage.inbox(waits));
      }
      await stage.asks(one, 'src/a.ts');
      await stage.unclaim(one);
      said.push(await stage.inbox(waits));
      const x = 'x.ts is free now. Claim it before you change anything there.';
      const src = 'src is free now. Claim it before you change anything there.';
      expect(said).toEqual([[x], [x, src], [x, src]]);
      expect((await stage.told(0, waits)).filter((text) => text.startsWith('claim.refused'))).toHaveLength(1);
    });

    test('who has got what it waited for, or has ended, is told nothing', async () => {
      await using ground = await open();
      const stage = new TeamStage(ground.store);
      const [one, waits, ended] = [await stage.one(), await stage.one(), await stage.one()];
      await stage.asks(one, 'a');
      await stage.asks(waits, 'a');
      await stage.asks(ended, 'a');
      await ground.store.cancelTask({ task: ended, reason: 'no', now: stage.at() });
      await stage.unclaim(one, ['a'], { to: waits });
      await stage.unclaim(waits);
      expect([await stage.inbox(waits), await stage.inbox(ended)]).toEqual([
        [expect.stringMatching(/has given you the claim on a\.$/)],
        [],
      ]);
    });

    test('claims are handed over, all or none, to somebody who is there and in nobody else’s way', async () => {
      await using ground = await open();
      const stage = new TeamStage(ground.store);
      const first = await stage.works('First');
      const after = await stage.one({ title: 'After', after: [first.task] });
      const other = await stage.one({ title: 'Other' });
      const gone = await stage.one({ title: 'Gone' });
      await ground.store.cancelTask({ task: gone, reason: 'no', now: stage.at() });
      await stage.asks(first.task, 'a', 'b');
      await stage.finish(first.lease, review);
      await stage.asks(after, 'a');
      const refused = [
        await stage.unclaim(first.task, undefined, { to: gone }),
        await stage.unclaim(first.task, undefined, { to: '@ann' }),
        await stage.unclaim(first.task, undefined, { to: other }),
      ];
      expect(refused).toEqual([
        { refused: '“Gone” has ended (cancelled)' },
        { refused: 'ann is not here (any more)' },
        { refused: 'a is claimed by After, too' },
      ]);
      const given = await stage.unclaim(first.task, ['b'], { to: other, by: 'you' });
      expect(Array.isArray(given) && given.map(heldText)).toEqual([`${other}: b`]);
      expect(await stage.held()).toEqual([`${first.task}: a`, `${other}: b`, `${after}: a`]);
      await stage.unclaim(first.task, ['a'], { to: after });
      expect(await stage.held()).toEqual([`${other}: b`, `${after}: a`]);
      expect([await stage.inbox(other), await stage.inbox(first.task)]).toEqual([
        ['The person has given you the claim on b.'],
        ['The person has given your claim on b to Other.'],
      ]);
    });
  });

  describe('changes that were found', () => {
    test('what is free is claimed, the rest are violations, of which holders are told once', async () => {
      await using ground = await open();
      const stage = new TeamStage(ground.store);
      const [one, two] = [await stage.one({ title: 'One' }), await stage.one({ title: 'Two' })];
      await stage.asks(one, 'src/');
      const looks = [];
      for (let times = 0; times < 2; times += 1) {
        const { claimed, violations } = await stage.found(two, 'a', 'src/b', 'src/c');
        looks.push([
          claimed.map(heldText),
          violations.map(({ wanted: { path }, by, isNew }) => [path, by.title, isNew]),
        ]);
      }
      expect(looks).toEqual([
        [
          [`${two}: a`],
          [
            ['src/b', 'One', true],
            ['src/c', 'One', true],
          ],
        ],
        [
          [`${two}: a`],
          [
            ['src/b', 'One', false],
            ['src/c', 'One', false],
          ],
        ],
      ]);
      expect(await stage.inbox(one)).toEqual([
        `“Two” (task ${two}) has changed src/b, src/c, which you have claimed. It cannot land these changes while you hold them.`,
      ]);
      expect((await stage.told(0, two)).filter((text) => text.startsWith('claim.violated'))).toEqual([
        'claim.violated: changed src/b, src/c, claimed by One',
      ]);
      const before = await stage.everything();
      const held = await ground.store.audit({ task: two, paths: ['a', 'src/b', 'z'].map(wanted) });
      expect(held.map(({ wanted: { path }, by }) => [path, by.holder])).toEqual([['src/b', one]]);
      expect(await stage.everything()).toEqual(before);
      await stage.unclaim(one);
      expect((await stage.found(two, 'src/b')).violations).toEqual([]);
      expect(await stage.inbox(two)).toEqual([]);
    });

    test('a file is not given away by one who keeps the folder that it is in', async () => {
      await using ground = await open();
      const stage = new TeamStage(ground.store);
      const [one, two] = [await stage.one(), await stage.one()];
      await stage.asks(one, 'src/a');
      await stage.asks(one, 'src/');
      expect(await stage.unclaim(one, ['src/a'], { to: two })).toMatchObject({ refused: expect.any(String) });
      expect(await stage.unclaim(one, ['src/a', 'src/'], { to: two })).toHaveLength(2);
    });

    test('found changes are claimed beyond the number that may be asked for', async () => {
      await using ground = await open();
      const stage = new TeamStage(ground.store);
      const task = await stage.one();
      const paths = Array.from({ length: mostClaims + 5 }, (_, index) => `many/${index}`);
      expect((await stage.found(task, ...paths)).claimed.length).toBe(mostClaims + 5);
      // And what was found does not keep it from asking.
      expect(await stage.asks(task, 'another')).toBe('yes');
    });
  });

  describe('looking at claims', () => {
    test('those of one party, and those that overlap a path', async () => {
      await using ground = await open();
      const stage = new TeamStage(ground.store);
      const task = await stage.one();
      await stage.asks(task, 'src/a.ts', 'docs/');
      await stage.asks('you', 'src/b.ts', '*.md');
      const look = async (args: Parameters<typeof ground.store.claims>[0]) =>
        (await ground.store.claims(args)).map(heldText);
      expect([
        await look({ party: 'you' }),
        await look({ path: { kind: 'folder', path: 'src' } }),
        await look({ path: { kind: 'file', path: 'docs/x' }, party: task }),
        await look({ path: { kind: 'file', path: 'docs/x' }, party: 'you' }),
      ]).toEqual([['you: src/b.ts', 'you: *.md'], [`${task}: src/a.ts`, 'you: src/b.ts'], [`${task}: docs/`], []]);
    });

    test('the overview tells by a number that claims have changed', async () => {
      await using ground = await open();
      const stage = new TeamStage(ground.store);
      const numbers: number[] = [];
      const note = async () => numbers.push((await ground.store.overview()).changes.claims);
      await note();
      await stage.asks('you', 'a', 'b');
      await note();
      await stage.asks('you', 'a');
      await stage.unclaim('you', ['nothing']);
      await note();
      await stage.unclaim('you');
      await note();
      const [none, taken, same, released] = numbers;
      expect([none, (taken ?? 0) > 0, same === taken, (released ?? 0) > (same ?? 0)]).toEqual([0, true, true, true]);
    });
  });
}
