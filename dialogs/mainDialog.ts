import { DialogContextError, type DialogTurnResult } from 'botbuilder-dialogs';
import { textMessage } from './activities';
import { isCancel, isDecline, isStartOver } from './commands';
import { begin, beginCall, commandOf, goOn, readPattern, saying, type Conversation } from './conversation';
import { DialogStack, type DialogStore } from './dialogStack';
import { takeFiles, takeLongText } from './intake';
import { withoutSlip } from './misspelling';
import { respond } from './response';
import { runSkill } from './runSkill';
import { readLengthRequest, readSectionRequest } from './sectionRequest';
import type { Slot } from './skill';
import { answerSkill } from './skills';
import { smallTalkAnswer } from './smallTalk';
import { bindTurn, type Turn } from './turn';
import { hear } from './voice';

/** "German?" and "hm?" answer the open question, or ask about it. In characters. */
const MIN_QUESTION_LENGTH = 12;

/** Does what it can with the message; true where that was the answer. */
type Step = (conversation: Conversation) => Promise<boolean>;

/** In this order: what is unmistakable first, free text last. */
const steps: readonly Step[] = [pressButton, obeyCommand, continueDialog, takeFiles, beginFromPattern, takeLongText, helpWithNothing, mendSlip, answerFreely];

/** Answers one message. The dialogs that wait for the next one go to `store`; nothing goes there when this throws. */
export async function runDialogs(turn: Turn, store: DialogStore): Promise<void> {
  const conversation = { turn, stack: new DialogStack(turn, store) };
  try {
    const heard = await hear(conversation);
    if (heard) await route(heard);
  } catch (error) {
    throw error instanceof DialogContextError ? error.error : error; // botbuilder's wrapper holds the whole context
  }
  conversation.stack.save();
}

async function route(conversation: Conversation): Promise<void> {
  for (const step of steps) {
    if (await step(conversation)) return;
  }
}

async function pressButton(conversation: Conversation): Promise<boolean> {
  const { turn } = conversation;
  if (!turn.submit) return false;
  const { action, values } = turn.submit;
  const said = action === 'say' && typeof values.text === 'string' ? values.text.trim() : '';
  if (said !== '') await route(saying(conversation, said));
  else if (action === 'cancel') await cancel(conversation);
  else if (!(await beginCall(conversation, { skill: action, values }))) await respond(turn, textMessage(turn.words.dialog.staleButton));
  return true;
}

async function obeyCommand(conversation: Conversation): Promise<boolean> {
  const { turn, stack } = conversation;
  if (turn.files.length > 0) return false;
  if (isCancel(turn.text, turn.words.dialog.cancel) || (!stack.isEmpty && isDecline(turn.text))) return cancel(conversation);
  if (isStartOver(turn.text)) return startOver(conversation);
  const skill = commandOf(turn);
  if (!skill) return false;
  await begin(conversation, skill, {});
  return true;
}

async function cancel({ turn, stack }: Conversation): Promise<boolean> {
  const { words } = turn;
  const title = stack.waiting?.dialog.titleIn(words);
  if (!stack.isEmpty) await stack.dialogs.cancelAllDialogs();
  await respond(turn, textMessage(title === undefined ? words.dialog.nothingToCancel : words.dialog.cancelled(title)));
  return true;
}

async function startOver({ turn, stack }: Conversation): Promise<boolean> {
  if (!stack.isEmpty) await stack.dialogs.cancelAllDialogs();
  turn.memory.startOver();
  await respond(turn, textMessage(turn.words.dialog.startedOver));
  return true;
}

async function continueDialog(conversation: Conversation): Promise<boolean> {
  const { turn, stack } = conversation;
  const slot = stack.waiting?.dialog.openSlot(turn, stack.waiting.state);
  if (!slot) return false;
  if (turn.files.length > 0 && !slot.takesFiles) return interruptWithFiles(conversation);
  if (!slot.takesAnyText && ((await beginOther(conversation)) || (await answerBetween(conversation, slot)))) return true;
  const ended: DialogTurnResult<unknown> = await stack.dialogs.continueDialog();
  await goOn(conversation, ended.result);
  return true;
}

async function interruptWithFiles(conversation: Conversation): Promise<boolean> {
  await takeFiles(conversation);
  await conversation.stack.dialogs.repromptDialog();
  return true;
}

/** "translate good morning to French" while another question is open: the person went on to something else. */
async function beginOther(conversation: Conversation): Promise<boolean> {
  const asked = readPattern(conversation.turn);
  if (!asked || asked.skill.id === conversation.stack.waiting?.dialog.id) return false;
  await begin(conversation, asked.skill, asked.values);
  return true;
}

/** What is said by the way and is no answer to the open question: answered first, and the open one is asked again. */
async function answerBetween(conversation: Conversation, slot: Slot): Promise<boolean> {
  const { turn, stack } = conversation;
  if (turn.files.length > 0 || !isAside(turn)) return false;
  const reading = await slot.read(turn, stack.waiting?.state.values ?? {});
  if ('again' in reading) await begin(conversation, answerSkill, { question: turn.text });
  return 'again' in reading;
}

function isAside({ text, words }: Turn): boolean {
  if (/[?？]$/.test(text) && text.length >= MIN_QUESTION_LENGTH) return true;
  return (smallTalkAnswer(text, words) ?? readSectionRequest(text) ?? readLengthRequest(text)) !== undefined;
}

async function beginFromPattern(conversation: Conversation): Promise<boolean> {
  const asked = readPattern(conversation.turn);
  if (asked) await begin(conversation, asked.skill, asked.values);
  return asked !== undefined;
}

async function helpWithNothing(conversation: Conversation): Promise<boolean> {
  return conversation.turn.text === '' && beginCall(conversation, { skill: 'help', values: {} });
}

/** "sumarize this": a model understands it anyway. */
async function mendSlip({ turn, stack }: Conversation): Promise<boolean> {
  const meant = turn.engine.modelName === undefined ? withoutSlip(turn.text) : undefined;
  if (meant === undefined) return false;
  const mended = saying({ turn, stack }, meant);
  if ((await obeyCommand(mended)) || (await beginFromPattern(mended))) return true;
  bindTurn(turn); // it was no slip: the words are the person's own again
  return false;
}

async function answerFreely(conversation: Conversation): Promise<boolean> {
  await goOn(conversation, await runSkill(conversation.turn, answerSkill, { question: conversation.turn.text }));
  return true;
}
