import { describe, expect, it } from 'vitest';
import { createPostgresStore, postgresSchema } from '../../../src/stores/postgres/postgres.js';
import { needs } from '../../servers/needs.js';
import { usePostgres } from './use-postgres.js';

describe('the name of the table', () => {
  const query = async () => ({ rows: [] });

  it.each(['session_info', 'Sessions', '_s1', 'app.session_info', 'x'.repeat(47)])('may be %s', (table) => {
    expect(() => createPostgresStore(query, { table })).not.toThrow();
    expect(postgresSchema(table)).toContain(`"${table.replace('.', '"."')}"`);
  });

  it.each([
    '',
    '1s',
    'a b',
    'a"b',
    'a;b',
    'a.b.c',
    '.a',
    'a.',
    'é',
    'x'.repeat(48),
    `${'x'.repeat(64)}.a`,
    'a\n',
    7,
  ])('can not be %j', (table) => {
    const message = 'option "table" must be a name of A-Z a-z 0-9 _';
    expect(() => createPostgresStore(query, { table: table as string })).toThrow(message);
    expect(() => postgresSchema(table as string)).toThrow(message);
  });
});

needs('postgres')('postgresSchema', () => {
  const postgres = usePostgres();

  it.each(['by_hand', 'app.by_hand'])('creates all that a store needs of the table %s', async (table) => {
    await postgres.pool.query(`CREATE SCHEMA IF NOT EXISTS app; ${postgresSchema(table)}`);
    await postgres.pool.query(postgresSchema(table));
    const statements: string[] = [];
    const store = createPostgresStore(
      (statement) => {
        statements.push(statement.name.replace(/_\w{12}$/, ''));
        return postgres.pool.query(statement);
      },
      { table },
    );
    await store.migrate();
    expect(new Set(statements)).toEqual(new Set(['session_info_look']));
    await store.create('id', { customerId: 'c' });
    expect(await store.listByCustomer('c')).toMatchObject([{ sessionId: 'id' }]);
  });
});
