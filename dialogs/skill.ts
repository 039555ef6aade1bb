import { createHash } from 'node:crypto';
import type { Activity } from 'botbuilder';
import { z } from 'zod';
import type { Engine } from '../ai/engine';
import type { Words } from '../cards/words';
import type { Turn } from './turn';

/**
 * What a skill was told, by name: small JSON, since it lives in dialog state and in buttons.
 * A long text is not among them: `threadId` names the thread that holds it.
 */
export type Values = Readonly<Record<string, unknown>>;

/** What a message adds to the values, or a sentence to ask again with. */
export type Reading<V extends Values = Values> = { readonly values: V } | { readonly again: string };

/** One thing that a skill needs before it can run. */
export interface Slot<V extends Values = Values> {
  /** Stored while the question is open: keep it when the code around it changes, and take another when it asks for something else. */
  readonly name: string;
  /** True where whatever is said next is the answer, so that it is not searched for other requests. */
  readonly takesAnyText?: boolean;
  readonly takesFiles?: boolean;
  isMissing(turn: Turn, values: V): boolean;
  /** The question, with choices where there are likely answers. */
  ask(turn: Turn, values: V): Promise<Partial<Activity>>;
  read(turn: Turn, values: V): Promise<Reading<V>>;
}

/** A skill to begin, with what is known of its values. */
export interface SkillCall {
  readonly skill: string;
  readonly values: unknown;
}

/** How a model is told of a skill, and in which form it gives the values: an object of `schema`. */
export interface SkillTool {
  readonly description: string;
  /** JSON schema of the arguments, an object. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/**
 * Something Parley can do. Values that come from buttons, tool calls and the store are checked by `schema`,
 * so slots and `run` may trust their type.
 */
export interface Skill<V extends Values = Values> {
  /** Also the `action` of its buttons and the id of its dialog. */
  readonly id: string;
  /** Title and description in the help, in the reader's language; absent: not listed there. */
  help?(words: Words): { readonly title: string; readonly description: string };
  /** Phrases that begin it when they are the whole message: lower case, in every language we know. */
  readonly commands: readonly string[];
  readonly schema: z.ZodType<V>;
  readonly tool?: SkillTool;
  /** False where no deployment does it: then it is not in the help, and no model is told of it. Absent: always. */
  readonly isOffered?: (engine: Engine) => boolean;
  /** The values in a request such as "translate good morning to German"; undefined where it is none. */
  parse?(text: string): V | undefined;
  readonly slots: readonly Slot<V>[];
  /** Does it and answers. Throws AIError. Gives the skill to go on with, where it found that another is meant. */
  run(turn: Turn, values: V): Promise<SkillCall | undefined>;
}

/** The first thing that `skill` still has to ask for. */
export function missingSlot(skill: Skill, turn: Turn, values: Values): Slot | undefined {
  return skill.slots.find((slot) => slot.isMissing(turn, values));
}

/**
 * Changes when an open question of the skill may no longer mean what it meant: with the skill's id, its slots, or the
 * form of its values.
 */
export function fingerprintOf({ id, slots, schema }: Skill): string {
  const form = [id, slots.map(({ name }) => name), z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })];
  return createHash('sha256').update(JSON.stringify(form)).digest('base64url').slice(0, 16);
}
