import type { DialogState } from 'botbuilder-dialogs';
import { z } from 'zod';
import { StateError } from '../../state/database';

/** What a conversation keeps between turns: small, plain JSON. History lives in the message log. */
export interface ConversationDocument {
  dialogs: DialogState | undefined;
  /** The bot has introduced itself here. */
  greeted: boolean;
}

const SCHEMA_VERSION = 1;

const stored = z.object({
  schemaVersion: z.literal(SCHEMA_VERSION),
  dialogs: z.custom<DialogState>((value) => typeof value === 'object' && value !== null).optional(),
  greeted: z.boolean(),
});

/** Reads a stored document; a new one where there is none. Throws StateError('corrupt'). */
export function readDocument(json: string | undefined): ConversationDocument {
  if (json === undefined) return { dialogs: undefined, greeted: false };
  try {
    const { dialogs, greeted } = stored.parse(JSON.parse(json));
    return { dialogs, greeted };
  } catch (error) {
    throw new StateError('corrupt', 'The conversation document cannot be read.', { cause: error });
  }
}

export function writeDocument(document: ConversationDocument): string {
  const dialogs = document.dialogs && document.dialogs.dialogStack.length > 0 ? document.dialogs : undefined;
  return JSON.stringify({ schemaVersion: SCHEMA_VERSION, dialogs, greeted: document.greeted });
}
