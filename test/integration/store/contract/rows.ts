import { describe, expect, test } from 'vitest';
import { messageOf } from '../../../../src/base/errors.ts';
import { type OpenGround, Stage } from '../stage.ts';

export function rowContract(open: OpenGround): void {
  describe('half a fact cannot be stored', () => {
    /** Each line breaks one rule of the model on a row that keeps them all. */
    const lies: readonly string[] = [
      `update tasks set state = 'sleeping' where id = 'queued'`,
      `update tasks set state = 'leased' where id = 'queued'`,
      `update tasks set state = 'queued' where id = 'running'`,
      `update tasks set lease_token = 1 where id = 'queued'`,
      `update tasks set lease_token = null where id = 'running'`,
      `update tasks set lease_token = 9999 where id = 'running'`,
      `update tasks set worker = null where id = 'running'`,
      `update tasks set attempt = null where id = 'running'`,
      `update tasks set session = null where id = 'running'`,
      `update tasks set state = 'waiting' where id = 'running'`,
      `update tasks set waiting_for = 'you' where id = 'running'`,
      `update tasks set state = 'failed' where id = 'queued'`,
      `update tasks set reason = 'because' where id = 'queued'`,
      `update tasks set state = 'in_review' where id = 'queued'`,
      `update tasks set head = null where id = 'landing'`,
      `update tasks set base = null where id = 'landing'`,
      `update tasks set entry = null where id = 'landing'`,
      `update tasks set state = 'merged' where id = 'landing'`,
      `update tasks set landed = 'c0ffee' where id = 'queued'`,
      `update tasks set worktree = null where id = 'running'`,
      `update tasks set repo = 'nowhere' where id = 'queued'`,
      `update tasks set repo = null where id = 'queued'`,
      `update tasks set batch = 'none' where id = 'queued'`,
      `delete from leases where name = 'task/running'`,
      `delete from leases where name = 'target/main'`,
      `update leases set machine = null where name = 'target/main'`,
      `update leases set token = 0 where name = 'target/main'`,
      `update workers set state = 'idle', pid = null, start_time = null where id = 'busy'`,
      `update workers set pid = null where id = 'busy'`,
      `update workers set task = null where id = 'busy'`,
      `update workers set state = 'idle' where id = 'busy'`,
      `update workers set state = 'lost' where id = 'busy'`,
      `update workers set machine = null where id = 'busy'`,
      `update workers set repo = null where id = 'busy'`,
      `update sessions set state = 'ended' where id = 'open'`,
      `update sessions set exit = 'exit 0' where id = 'open'`,
      `update sessions set state = 'starting' where id = 'open'`,
      `update sessions set pid = null where id = 'open'`,
      `update sessions set machine = null where id = 'open'`,
      `update attempts set ended_at = 1 where id = 'tried'`,
      `update attempts set outcome = 'lost' where id = 'tried'`,
      `update attempts set reason = 'why' where id = 'tried'`,
      `update reviews set decided_at = null where id = 'read'`,
      `update reviews set reviewer = null where id = 'read'`,
      `update entries set state = 'queued' where id = 'entry'`,
      `update entries set lease_token = null where id = 'entry'`,
      `update entries set state = 'merged' where id = 'entry'`,
      `update entries set ended_at = 1 where id = 'entry'`,
      `update entries set landed = 'c0ffee' where id = 'entry'`,
      `update entries set log = '/l' where id = 'entry'`,
      `update entries set repo = null where id = 'entry'`,
      `update launches set state = 'taken', taken_by = null where worker = 'busy'`,
      `update launches set reason = 'why' where worker = 'busy'`,
      `update batches set land = 2 where id = 'batch'`,
      `update batches set mode = 'loud' where id = 'batch'`,
    ];

    test('the rows that the model forbids are refused by the tables themselves', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const landing = await stage.landing();
      await stage.one();
      const running = await stage.run(await stage.worker());
      const queued = await stage.one();
      const [review] = await stage.store.reviews(landing.task);
      const names: Readonly<Record<string, string>> = {
        queued,
        running: running.task,
        'task/running': `task/${running.task}`,
        landing: landing.task,
        busy: running.worker,
        open: running.session,
        tried: running.attempt,
        read: review?.id ?? '',
        entry: landing.entry,
        batch: (await stage.task(queued)).batch,
      };
      const before = await stage.everything();
      const believed: string[] = [];
      for (const lie of lies) {
        const sql = lie.replace(/(where \w+ = )'([^']+)'/, (_, where, name) => `${where}'${names[name] ?? name}'`);
        const answer = await ground.raw(`${sql} returning 1`).then(JSON.stringify, messageOf);
        if (!/constraint/i.test(answer)) believed.push(`${lie}: ${answer}`);
      }
      expect(believed).toEqual([]);
      expect(await stage.everything()).toEqual(before);
    });

    test('a row that keeps the rules is taken, so the refusals mean something', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const id = await stage.one();
      const sql = `update tasks set state = 'cancelled', reason = 'said so' where id = '${id}' returning state`;
      expect(await ground.raw(sql)).toEqual([{ state: 'cancelled' }]);
      expect(await stage.task(id)).toMatchObject({ state: 'cancelled', reason: 'said so' });
    });

    test('a task has one open review, one live entry and one attempt at a time', async () => {
      await using ground = await open();
      const stage = new Stage(ground.store);
      const { task, entry, worker } = await stage.landing();
      const { task: open_ } = await stage.inReview();
      await stage.one();
      const running = await stage.run(await stage.worker());
      const copies = [
        `insert into entries (id, repo, task, target, head, state, position, created_at)
          select 'copy', repo, task, target, head, 'queued', 99, 1 from entries where id = '${entry}'`,
        `insert into reviews (id, task, base, head, state, position, created_at)
          select 'copy', task, base, head, 'open', 99, 1 from reviews where task = '${open_}'`,
        `insert into attempts (id, task, number, worker, started_at) values ('copy', '${running.task}', 9, '${worker}', 1)`,
      ];
      for (const copy of copies) await expect(ground.raw(copy)).rejects.toThrow(/unique/i);
      expect(await stage.state(task)).toBe('merging');
    });

    test('what parties do with each other is kept only whole and in its own words', async () => {
      await using ground = await open();
      const { repo } = ground.store;
      const task = await new Stage(ground.store).one();
      const rows: Readonly<Record<string, Readonly<Record<string, string | number | null>>>> = {
        claims: {
          id: 'c1',
          seq: 1,
          holder: 'you',
          kind: 'file',
          path: 'A',
          key: 'a',
          anchor: 'a',
          mode: 'warn',
          origin: 'found',
          claimed_at: 1,
        },
        claim_waits: {
          party: task,
          told: 0,
          wanted_by: 'queue',
          kind: 'glob',
          path: '*',
          key: '*',
          anchor: '',
          mode: 'exclusive',
        },
        claim_violations: { task, key: 'a', claim: 'c1' },
        messages: {
          id: 'm1',
          seq: 1,
          sender: 'swarm',
          sender_title: 'Swarm',
          receiver: '@ann',
          receiver_title: 'ann',
          kind: 'message',
          body: 'x',
          reply_to: null,
          sent_at: 1,
          read_at: null,
        },
        context_entries: {
          id: 'x1',
          seq: 1,
          author: 'you',
          author_title: 'you',
          category: 'warning',
          body: 'x',
          added_at: 1,
        },
        context_values: { name: 'port', value: '1', author: 'you', set_at: 1 },
        context_seen: { party: 'you', seq: 0 },
        landings: { seq: 1, target: 'main', path: 'a', key: 'a', landed: 'c0ffee', task, landed_at: 1 },
      };
      const put = (table: string, over: Readonly<Record<string, string | number | null>> = {}) => {
        const values = { repo, ...rows[table], ...over };
        const said = Object.values(values).map((value) => (typeof value === 'string' ? `'${value}'` : String(value)));
        return ground.raw(
          `insert into ${table} (${Object.keys(values).join(', ')}) values (${said.join(', ')}) returning 1`,
        );
      };
      const lies: readonly (readonly [string, Readonly<Record<string, string | number | null>>])[] = [
        ...Object.keys(rows).map((table) => [table, { repo: 'nowhere' }] as const),
        ['claims', { holder: 'swarm' }],
        ['claims', { kind: 'line' }],
        ['claims', { mode: 'off' }],
        ['claims', { origin: 'wished' }],
        ['claims', { path: '' }],
        ['claim_waits', { party: 'all' }],
        ['claim_waits', { wanted_by: 'nobody' }],
        ['claim_waits', { told: 2 }],
        ['claim_violations', { task: 'none' }],
        ['messages', { receiver: 'swarm' }],
        ['messages', { sender: 'all' }],
        ['messages', { kind: 'shout' }],
        ['messages', { body: '' }],
        ['messages', { body: 'x'.repeat(16_001) }],
        ['context_entries', { author: 'swarm' }],
        ['context_entries', { category: 'gossip' }],
        ['context_entries', { body: '' }],
        ['context_values', { value: 'x'.repeat(1_001) }],
        ['context_seen', { seq: -1 }],
        ['landings', { task: 'none' }],
      ];
      const believed: string[] = [];
      for (const [table, over] of lies) {
        const answer = await put(table, over).then(JSON.stringify, messageOf);
        if (!/constraint/i.test(answer)) believed.push(`${table} ${JSON.stringify(over)}: ${answer}`);
      }
      expect(believed).toEqual([]);
      for (const table of Object.keys(rows)) await put(table);
      for (const table of Object.keys(rows)) await expect(put(table)).rejects.toThrow(/unique/i);
      await expect(put('claims', { id: 'c2' })).rejects.toThrow(/unique/i);
    });
  });
}
