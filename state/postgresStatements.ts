import type { SqlValue } from './database';

/** A statement as pg takes it. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  readonly values: SqlValue[];
}

/** Statements come from our own code, so there are few. */
const statements = new Map<string, Pick<Statement, 'name' | 'text'>>();

/** The statement as pg takes it: prepared by name on each connection, once. */
export function statementOf(sql: string, params: readonly SqlValue[]): Statement {
  const { name, text } = statements.get(sql) ?? remember(sql);
  return { name, text, values: storable(params) };
}

function remember(sql: string): Pick<Statement, 'name' | 'text'> {
  const statement = { name: `parley_${statements.size}`, text: numbered(sql) };
  statements.set(sql, statement);
  return statement;
}

/** `?` becomes $1, $2 …, but for those in quotes and comments. */
export function numbered(sql: string): string {
  let count = 0;
  return sql.replace(/'(?:[^']|'')*'|"[^"]*"|--[^\n]*|\?/g, (found) => (found === '?' ? `$${(count += 1)}` : found));
}

/** PostgreSQL's text has no NUL: one in a message must not make the whole turn fail. */
function storable(params: readonly SqlValue[]): SqlValue[] {
  return params.map((value) => (typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\ufffd') : value));
}
