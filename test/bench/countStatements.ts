import { StatementSync } from 'node:sqlite';
import type { StatementCounts } from './peer';

/** Counts, from now on, what this process asks of SQLite through prepared statements; gives counts that go on. */
export function countStatements(): StatementCounts {
  const counts = { statements: 0, commits: 0 };
  const { prototype } = StatementSync;
  const count = (sql: string): void => {
    if (/^COMMIT/i.test(sql)) counts.commits += 1;
    else if (!/^(BEGIN|ROLLBACK|SAVEPOINT|RELEASE)/i.test(sql)) counts.statements += 1;
  };
  for (const method of ['all', 'get', 'run'] as const) {
    const original: () => unknown = Reflect.get(prototype, method);
    Object.defineProperty(prototype, method, {
      value(this: StatementSync, ...parameters: unknown[]) {
        count(this.sourceSQL);
        return Reflect.apply(original, this, parameters);
      },
    });
  }
  return counts;
}
