import { StateError, UNCHANGED } from './database';

/** Classes and codes of https://www.postgresql.org/docs/current/errcodes-appendix.html: the server, not the statement, is in trouble. */
const UNAVAILABLE = /^(08|53|57|58|F0|XX|25006|25P03|26000|0A000|55006|55P03)/;
/** serialization_failure, deadlock_detected: the same work may succeed when it runs again. */
const REPEATABLE = /^(40001|40P01)$/;
/** A key, a type or a table is there already: processes that start at once make the same. */
const DUPLICATE = /^(23505|42710|42P07)$/;
/** division_by_zero: how a statement that must change a row fails, see groupedWrites.ts. */
const UNCHANGED_CODE = '22012';
/** The address, not the moment: wrong user or password, no such database, no right to it. */
const REFUSED = /^(28|3D000|42501)/;
/** The connection, too: after a failover the server is read-only, or prepared statements are gone. */
const SPOILING = /^(25006|26000|0A000|57P0|08)/;

/** The same failure as StateError. What the server quotes from the data stays out of it: errors are logged. */
export function toStateError(error: unknown): Error {
  if (error instanceof StateError) return error;
  const answer = answerOf(error);
  if (!answer) return new ConnectionLostError('unavailable', `The connection to the store failed (${reasonOf(error)}).`, { cause: error });
  const { code, constraint, routine = '' } = answer;
  const what = constraint === undefined ? code : `${code}, ${constraint}`;
  const mayPassOnRepetition = REPEATABLE.test(code);
  if (mayPassOnRepetition || DUPLICATE.test(code)) return new ConflictError(`Something else was written first (${what}).`, mayPassOnRepetition);
  if (code === UNCHANGED_CODE) return new UnchangedError('conflict', UNCHANGED);
  if (UNAVAILABLE.test(code)) return new (answer.severity === 'FATAL' ? ConnectionLostError : StateError)('unavailable', `The store cannot do that now (${what}).`);
  return new Error(`The store refuses a statement (${what}, ${routine}).`); // a mistake of ours
}

/** The connection broke: whether the statement did anything is not known. */
export class ConnectionLostError extends StateError {}

/** A statement that must change a row changed none. */
export class UnchangedError extends StateError {}

/** A StateError('conflict') that tells whether trying again may help. */
export class ConflictError extends StateError {
  constructor(message: string, readonly mayPassOnRepetition: boolean) {
    super('conflict', message);
  }
}

/** True where a connection that met this error must not be used again. */
export function spoilsConnection(error: unknown): boolean {
  const answer = answerOf(error);
  return !answer || answer.severity === 'FATAL' || SPOILING.test(answer.code);
}

/** True where waiting does not help: the address or the rights have to be mended. */
export function isRefusal(error: unknown): boolean {
  const answer = answerOf(error);
  return answer ? REFUSED.test(answer.code) : /SSL|TLS|CERT|VERIFY|SASL|password/i.test(reasonOf(error));
}

/** A code or short sentence for the log. */
export function reasonOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'no answer';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return 'message' in error && typeof error.message === 'string' ? error.message : 'no answer';
}

interface ServerAnswer {
  readonly code: string;
  readonly severity: string;
  readonly constraint?: string;
  readonly routine?: string;
}

/** What the server said; undefined where it said nothing. Known by its shape: pg itself is loaded only where it is used. */
function answerOf(error: unknown): ServerAnswer | undefined {
  const isAnswer = typeof error === 'object' && error !== null && 'severity' in error && 'code' in error;
  return isAnswer ? (error as ServerAnswer) : undefined; // pg-protocol's DatabaseError: these four are text where they are given
}
