import type { DialogTurnResult } from 'botbuilder-dialogs';
import { z } from 'zod';
import { textMessage } from './activities';
import { createSkillByCommand, withPlainOpening } from './commands';
import type { DialogStack } from './dialogStack';
import { respond } from './response';
import { missingSlot, type Skill, type SkillCall, type Values } from './skill';
import { skills } from './skills';
import { bindTurn, type Turn } from './turn';

/** One turn, and the dialogs that wait in its conversation. */
export interface Conversation {
  readonly turn: Turn;
  readonly stack: DialogStack;
}

/**
 * Begins a skill. One that needs nothing more runs at once, and a question that was open is asked again after it;
 * one that has questions of its own takes the place of what was open.
 */
export async function begin(conversation: Conversation, skill: Skill, values: Values): Promise<void> {
  const { turn, stack } = conversation;
  const isQuick = missingSlot(skill, turn, values) === undefined;
  if (!stack.isEmpty && (!isQuick || stack.waiting?.dialog.id === skill.id)) await stack.dialogs.cancelAllDialogs();
  const ended: DialogTurnResult<unknown> = await stack.dialogs.beginDialog(skill.id, values);
  await goOn(conversation, ended.result);
}

/** Begins what a button or a model asked for, with those values that can be used; false where there is no such skill. */
export async function beginCall(conversation: Conversation, call: SkillCall): Promise<boolean> {
  const skill = skills.find(({ id }) => id === call.skill);
  if (!skill) return false;
  const { data } = skill.schema.safeParse(call.values);
  await begin(conversation, skill, data ?? {});
  return true;
}

/** The same turn as if the person had written `text`, and given no file. */
export function saying({ turn, stack }: Conversation, text: string): Conversation {
  const spoken: Turn = Object.create(turn, { text: { value: text }, submit: { value: undefined }, files: { value: [] } }) as Turn; // keeps what the host computes when asked
  bindTurn(spoken);
  return { turn: spoken, stack };
}

const callSchema = z.object({ skill: z.string(), values: z.unknown() });

/** Begins the skill that another one handed over to, if it did. */
export async function goOn(conversation: Conversation, result: unknown): Promise<void> {
  const { data } = callSchema.safeParse(result);
  if (!data || (await beginCall(conversation, { skill: data.skill, values: data.values }))) return;
  const { turn } = conversation;
  await respond(turn, textMessage(turn.words.ask.nothingFound)); // a model made the skill up
}

const skillByCommand = createSkillByCommand(skills);

/** The skill that the whole message names, "please" or not. */
export function commandOf({ text, words }: Turn): Skill | undefined {
  return skillByCommand(text, words) ?? (text.length < 100 ? skillByCommand(text.replace(courtesy, ''), words) : undefined);
}

const courtesy = /^(?:please|bitte|por favor),?\s+|,?\s+(?:please|bitte|por favor|s[’']il (?:te|vous) pla[iî]t)[.!\s]*$/giu;

/** The skill that the message asks for in a sentence, with what it says. */
export function readPattern({ text }: Turn): { readonly skill: Skill; readonly values: Values } | undefined {
  const asked = patternIn(text) ?? (opening.test(text) ? patternIn(text.replace(opening, '')) : undefined);
  const typed = asked ? text : withPlainOpening(text);
  return typed === text ? asked : patternIn(typed);
}

/** How people begin who change their mind: "actually, translate …". */
const opening = /^(?:(?:actually|no|oh|ok|okay|well|wait|sorry|and|now|then|hi|hello|hey|parley|nein|doch|lieber|und|dann|jetzt|hallo|non|plutôt|en fait|et|alors|bonjour|y|mejor|ahora|bueno|hola)[,.!]?\s+)+/iu;

function patternIn(text: string): { readonly skill: Skill; readonly values: Values } | undefined {
  for (const skill of skills) {
    const values = skill.parse?.(text);
    if (values) return { skill, values };
  }
  return undefined;
}
