import type { DialogState } from 'botbuilder-dialogs';
import { z } from 'zod';
import { readDialogs } from '../../dialogs/dialogStack';
import type { Quarantined } from '../../state/quarantine';

/** What a conversation keeps between turns: small, plain JSON. History lives in the message log. */
export interface ConversationDocument {
  dialogs: DialogState | undefined;
  /** The bot has introduced itself here. */
  greeted: boolean;
  /**
   * The person has to be told that what was open here is gone: `outdated`, it belongs to another version of Parley;
   * `lost`, it is damaged.
   */
  notice?: 'outdated' | 'lost' | undefined;
  /** The person whose conversation it is alone, once the store knows it. */
  ownerKey?: string | undefined;
}

export interface ReadDocument {
  readonly document: ConversationDocument;
  /** The document as it was stored, where not all of it can be used: to be kept before the new one takes its place. */
  readonly quarantined?: Quarantined;
}

/**
 * Grows only with a change that an older process must not read: during a deploy both write. New properties need no
 * other version, since what a process does not know it hands on.
 */
const SCHEMA_VERSION = 1;

const versionShape = z.object({ schemaVersion: z.number().int().positive() });

const shape = z.looseObject({
  schemaVersion: z.literal(SCHEMA_VERSION),
  dialogs: z.unknown().optional(),
  greeted: z.boolean(),
  notice: z.enum(['outdated', 'lost']).optional(),
  ownerKey: z.string().optional(),
});

/** Reads a stored document; a new one where there is none (undefined or ''). What cannot be used is left out, and comes back to be kept. */
export function readDocument(json: string | undefined): ReadDocument {
  if (json === undefined || json === '') return { document: { dialogs: undefined, greeted: false } };
  const value = parse(json);
  const { schemaVersion = 0 } = versionShape.safeParse(value).data ?? {};
  if (schemaVersion > SCHEMA_VERSION) return { document: startAnew('outdated'), quarantined: { reason: 'newer-version', document: json } };
  const stored = shape.safeParse(value);
  if (!stored.success) return { document: startAnew('lost'), quarantined: { reason: 'corrupt', document: json } };
  if (stored.data.dialogs === undefined) return { document: { ...stored.data, dialogs: undefined } };
  const dialogs = readDialogs(stored.data.dialogs);
  if (dialogs) return { document: { ...stored.data, dialogs } };
  return { document: { ...stored.data, dialogs: undefined, notice: 'outdated' }, quarantined: { reason: 'dialog-changed', document: json } };
}

export function writeDocument(document: ConversationDocument): string {
  const dialogs = document.dialogs && document.dialogs.dialogStack.length > 0 ? document.dialogs : undefined;
  return JSON.stringify({ schemaVersion: SCHEMA_VERSION, ...document, dialogs });
}

/** Whoever has a document was greeted, most likely; twice would be odd. */
const startAnew = (notice: 'outdated' | 'lost'): ConversationDocument => ({ dialogs: undefined, greeted: true, notice });

function parse(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}
