import type { ExecuteAction, SubmitAction } from './adaptiveCard';
import { cleanLine } from './escape';

/** The data of every button and form: inputs of a form arrive beside `parley`, at the top level of the activity's value. */
export interface SubmitData {
  readonly parley: { readonly action: string; readonly values: Readonly<Record<string, unknown>> };
}

/** A button: a skill or command with its values. `title` may be untrusted: titles know no markdown. */
export interface Button {
  readonly title: string;
  readonly action: string;
  readonly values?: Readonly<Record<string, unknown>>;
  readonly style?: 'positive' | 'destructive';
}

export function submitData(action: string, values: Readonly<Record<string, unknown>> = {}): SubmitData {
  return { parley: { action, values } };
}

/**
 * A button that posts its data silently, on every channel alike. `msteams.messageBack` would show the click as words of
 * the person, but the Agents Playground 0.2.28 then sends nothing at all.
 */
export function submitButton({ title, action, values, style }: Button): SubmitAction {
  return {
    type: 'Action.Submit',
    title: cleanLine(title, 60),
    ...(style && { style }),
    data: { ...submitData(action, values) },
  };
}

/**
 * The button of a form. `inPlace` is for channels that know Action.Execute (Teams): the answer replaces the card.
 * Web Chat does not know it and ignores `fallback` of actions too, so there it is a plain Submit. What the form
 * holds is not shown as a message.
 */
export function formButton({ title, action, values, style }: Button, inPlace: boolean): SubmitAction | ExecuteAction {
  const shared = { title: cleanLine(title, 60), ...(style && { style }), data: { ...submitData(action, values) } };
  const submit: SubmitAction = { type: 'Action.Submit', ...shared };
  return inPlace ? { type: 'Action.Execute', verb: action, ...shared, fallback: submit } : submit;
}

/** A button that says `text` (200 characters at most) for the person: the main dialog's command `say`. */
export function sayButton(title: string, text: string): Button {
  return { title, action: 'say', values: { text: cleanLine(text, maxSaidLength) } };
}

const maxSaidLength = 200;
