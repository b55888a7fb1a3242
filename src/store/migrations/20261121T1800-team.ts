import type { Migration } from './migration.ts';

/**
 * What parties do with each other. What is compared in ranges says `collate "C"`, so that every engine sorts it by its bytes;
 * `anchor` is the path itself, or the folder that all a glob matches is in: whatever may overlap has an anchor above, at or
 * below.
 */
export const team: Migration = {
  id: '20261121T1800-team',
  statements: [
    'alter table leases add column renewed_at bigint not null default 0',
    'create index tasks_at on tasks (repo, worktree)',
    'create index dependencies_back on dependencies (waits_for)',
    'create index workers_as_process on workers (repo, pid)',

    `create table counters_of_team (
      repo text not null references repos (id),
      name text not null check (name in ('event', 'token', 'position', 'worker', 'claim', 'message', 'context', 'landing')),
      value bigint not null check (value >= 0),
      primary key (repo, name)
    )`,
    'insert into counters_of_team (repo, name, value) select repo, name, value from counters',
    ...['claim', 'message', 'context', 'landing'].map(
      (name) => `insert into counters_of_team (repo, name, value) select id, '${name}', 0 from repos`,
    ),
    'drop table counters',
    'alter table counters_of_team rename to counters',

    `create table claims (
      repo text not null references repos (id),
      id text not null,
      seq bigint not null,
      holder text not null check (holder = 'you' or holder like 't%' or holder like '@%'),
      kind text not null check (kind in ('file', 'folder', 'glob')),
      path text not null check (path <> ''),
      key text collate "C" not null,
      anchor text collate "C" not null,
      mode text not null check (mode in ('exclusive', 'shared-append', 'warn')),
      origin text not null check (origin in ('declared', 'asked', 'written', 'found')),
      claimed_at bigint not null,
      primary key (repo, id),
      unique (repo, holder, kind, key)
    )`,
    'create index claims_by_anchor on claims (repo, anchor)',

    `create table claim_waits (
      repo text not null references repos (id),
      party text not null check (party = 'you' or party like 't%' or party like '@%'),
      wanted_by text not null check (wanted_by in ('party', 'queue')),
      told bigint not null check (told in (0, 1)),
      kind text not null check (kind in ('file', 'folder', 'glob')),
      path text not null,
      key text collate "C" not null,
      anchor text collate "C" not null,
      mode text not null check (mode in ('exclusive', 'shared-append', 'warn')),
      primary key (repo, party, wanted_by, kind, key)
    )`,
    'create index claim_waits_by_anchor on claim_waits (repo, anchor)',

    `create table claim_violations (
      repo text not null references repos (id),
      task text not null references tasks (id),
      key text not null,
      claim text not null,
      primary key (repo, task, key, claim)
    )`,

    `create table messages (
      repo text not null references repos (id),
      id text not null,
      seq bigint not null,
      sender text not null check (sender in ('you', 'swarm') or sender like 't%' or sender like '@%'),
      sender_title text not null,
      receiver text not null check (receiver = 'you' or receiver like 't%' or receiver like '@%'),
      receiver_title text not null,
      kind text not null check (kind in ('message', 'claim_request', 'notification', 'review_request', 'review_approved',
        'review_rejected')),
      body text not null check (body <> '' and length(body) <= 16000),
      reply_to text,
      sent_at bigint not null,
      read_at bigint,
      primary key (repo, id),
      unique (repo, seq)
    )`,
    'create index messages_to on messages (repo, receiver, seq)',
    'create index messages_from on messages (repo, sender, seq)',
    'create index messages_unread on messages (repo, receiver, seq) where read_at is null',

    `create table context_entries (
      repo text not null references repos (id),
      id text not null,
      seq bigint not null,
      author text not null check (author = 'you' or author like 't%' or author like '@%'),
      author_title text not null,
      category text not null check (category in ('decision', 'interface', 'warning', 'convention', 'discovery')),
      body text not null check (body <> '' and length(body) <= 16000),
      added_at bigint not null,
      primary key (repo, id),
      unique (repo, seq)
    )`,

    `create table context_values (
      repo text not null references repos (id),
      name text not null,
      value text not null check (length(value) <= 1000),
      author text not null check (author = 'you' or author like 't%' or author like '@%'),
      set_at bigint not null,
      primary key (repo, name)
    )`,

    `create table context_seen (
      repo text not null references repos (id),
      party text not null check (party = 'you' or party like 't%' or party like '@%'),
      seq bigint not null check (seq >= 0),
      primary key (repo, party)
    )`,

    `create table landings (
      repo text not null references repos (id),
      seq bigint not null,
      target text not null,
      path text not null,
      key text not null,
      landed text not null,
      task text not null references tasks (id),
      landed_at bigint not null,
      primary key (repo, seq)
    )`,
    'create index landings_of_file on landings (repo, target, key, seq)',
    'create index landings_on on landings (repo, target, seq)',
  ],
};
