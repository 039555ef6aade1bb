import { StateError, UNCHANGED, type Queries, type Row, type Write } from './database';

/** Runs one write within a transaction and gives its rows. Throws StateError of its `orElse` where it changed none. */
export async function performWrite(queries: Queries, write: Write): Promise<readonly Row[]> {
  const { params, orElse } = write;
  const rows = givesRows(write) ? await queries.query(statementOf(write), params) : [];
  const changed = givesRows(write) ? rows.length : await queries.execute(write.sql, params);
  if (changed === 0 && orElse) throw new StateError(orElse, UNCHANGED);
  return rows;
}

/** The statement with what it gives back. */
export const statementOf = ({ sql, returning }: Write): string => (returning === undefined ? sql : `${sql} RETURNING ${returning}`);

const givesRows = ({ sql, returning }: Write): boolean => returning !== undefined || /^\s*select\b/i.test(sql);
