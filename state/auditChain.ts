import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/** One link of the chain. `entry`: JSON, hashed as it stands. */
export interface AuditRow {
  /** From 1, without gaps. */
  readonly sequence: number;
  /** Milliseconds since 1970. */
  readonly sealedAt: number;
  readonly entry: string;
  /** Of this row and of the hash before it. */
  readonly hash: string;
  /** Made with the key of the settings, at the end of each batch; '' in between, and where there is no key. */
  readonly seal: string;
}

/** A place in the chain that was written down elsewhere. */
export type AuditHead = Pick<AuditRow, 'sequence' | 'hash'>;

export type AuditFault =
  /** A row is not what it was, or is not the one that followed. */
  | 'changed'
  /** One or more rows are missing before this one. */
  | 'gap'
  /** The beginning is gone, and no entry of the chain says that it was removed. */
  | 'no-beginning'
  /** A seal was not made with this key. */
  | 'wrong-seal'
  /** The newest row has no seal, though there is a key: what came after it may be gone. */
  | 'unsealed-end'
  /** The chain does not hold the head that was written down. */
  | 'head-not-found';

export interface AuditVerdict {
  readonly rows: number;
  readonly first: number | undefined;
  /** Where sealing began, or went on after rows without this key's seal: to be expected once for each key, and never else. */
  readonly sealedFrom: readonly number[];
  /** The newest row: to be written down, and given to the next check. */
  readonly head: AuditHead | undefined;
  /** In the order in which they were met. */
  readonly faults: readonly { readonly sequence: number; readonly fault: AuditFault }[];
}

/** An entry which says that everything up to `through` was removed, as the settings ask for; its hash is what the rest begins from. */
export const removalShape = z.object({ kind: z.literal('removed'), through: z.number(), hash: z.string() });

/** The first entry that is sealed with a key, where the row before it is not. */
export const SEALING_BEGAN = JSON.stringify({ kind: 'sealing-began' });

/** The hash before the first row. */
export const GENESIS = '';

export const hashOf = (before: string, { sequence, sealedAt, entry }: Pick<AuditRow, 'sequence' | 'sealedAt' | 'entry'>): string =>
  createHash('sha256').update(`${before}\n${sequence}\n${sealedAt}\n${entry}`).digest('base64url');

/** '' without a key. */
export const sealOf = (key: string | undefined, { sequence, hash }: AuditHead): string =>
  key === undefined ? '' : createHmac('sha256', key).update(`${sequence}\n${hash}`).digest('base64url');

export function isSealed(row: Pick<AuditRow, 'sequence' | 'hash' | 'seal'>, key: string): boolean {
  const [given, right] = [Buffer.from(row.seal), Buffer.from(sealOf(key, row))];
  return given.length === right.length && timingSafeEqual(given, right);
}

/** Checks rows in their order. `key`: of the settings. `noted`: a head that an earlier check printed. */
export async function verifyChain(rows: AsyncIterable<AuditRow>, { key, noted }: { readonly key?: string; readonly noted?: AuditHead } = {}): Promise<AuditVerdict> {
  const faults: { sequence: number; fault: AuditFault }[] = [];
  const sealedFrom: number[] = [];
  let [count, beginning]: [number, AuditHead | undefined] = [0, undefined];
  let [first, last]: [AuditRow | undefined, AuditRow | undefined] = [undefined, undefined];
  let isNotedFound = noted === undefined;
  for await (const row of rows) {
    const found = first ? faultOf(row, last, key) : sealFault(row, key);
    if (found) faults.push({ sequence: row.sequence, fault: found });
    first ??= row;
    last = row;
    count += 1;
    beginning = removalIn(row) ?? beginning;
    if (row.entry === SEALING_BEGAN) sealedFrom.push(row.sequence);
    isNotedFound ||= (noted?.sequence === row.sequence && noted.hash === row.hash);
  }
  const head = last && { sequence: last.sequence, hash: last.hash };
  if (first && !beginsWell(first, beginning)) faults.unshift({ sequence: first.sequence, fault: first.sequence === 1 ? 'changed' : 'no-beginning' });
  if (key !== undefined && last?.seal === '') faults.push({ sequence: last.sequence, fault: 'unsealed-end' });
  // what was removed as agreed cannot be found any more
  if (!isNotedFound && noted && noted.sequence > (beginning?.sequence ?? 0)) faults.push({ sequence: noted.sequence, fault: 'head-not-found' });
  return { rows: count, first: first?.sequence, sealedFrom, head, faults };
}

function faultOf(row: AuditRow, before: AuditRow | undefined, key: string | undefined): AuditFault | undefined {
  if (before && row.sequence !== before.sequence + 1) return 'gap';
  if (before && row.hash !== hashOf(before.hash, row)) return 'changed';
  return sealFault(row, key);
}

const sealFault = (row: AuditRow, key: string | undefined): AuditFault | undefined =>
  key === undefined || row.seal === '' || isSealed(row, key) ? undefined : 'wrong-seal';

/** The first row follows nothing, or what the newest removal says was there. */
function beginsWell(first: AuditRow, removed: AuditHead | undefined): boolean {
  if (first.sequence === 1) return first.hash === hashOf(GENESIS, first);
  return removed?.sequence === first.sequence - 1 && first.hash === hashOf(removed.hash, first);
}

function removalIn({ entry }: AuditRow): AuditHead | undefined {
  if (!entry.startsWith('{"kind":"removed"')) return undefined;
  const { data } = removalShape.safeParse(JSON.parse(entry));
  return data && { sequence: data.through, hash: data.hash };
}
