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
  /** What the click says in the chat; the title when absent. */
  readonly says?: string;
}

export function submitData(action: string, values: Readonly<Record<string, unknown>> = {}): SubmitData {
  return { parley: { action, values } };
}

/**
 * A button that sends a message. In Teams the click becomes visible as the person's own words (`msteams.messageBack`:
 * learn.microsoft.com, "Adaptive Card actions in Teams"; the rest of `data` is the activity's value as always).
 * Web Chat posts the same data silently as `postBack`; the page may show `data.msteams.displayText`.
 */
export function submitButton({ title, action, values, style, says = title }: Button): SubmitAction {
  const text = cleanLine(says, maxSaidLength);
  return {
    type: 'Action.Submit',
    title: cleanLine(title, 60),
    ...(style && { style }),
    data: { ...submitData(action, values), msteams: { type: 'messageBack', text, displayText: text } },
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
  return { title, action: 'say', values: { text: cleanLine(text, maxSaidLength) }, says: text };
}

const maxSaidLength = 200;
