import type { Transcript } from '../ai/transcribe';
import { cleanText, escapeMarkdown } from '../cards/escape';
import { textMessage } from './activities';
import { saying, type Conversation } from './conversation';
import { takeThreads } from './intake';
import { isRecording, listeningFailure, listenTo, recordedThread } from './recording';
import { respond } from './response';
import { keepThread } from './shelf';
import type { IncomingFile, Turn } from './turn';

/** A voice note is something to say; what is longer is something to read. */
const MAX_NOTE_MS = 120_000;
/** The same where the service does not tell how long it is, in characters: people say about 15 a second. */
const MAX_NOTE_LENGTH = 1_800;
const MAX_SHOWN_LENGTH = 2_000;

/**
 * Takes a recording that comes alone: a voice note becomes what the person says, and is answered as such; a longer one is
 * kept and summarized. Gives the conversation to go on with; undefined where all is said.
 */
export async function hear(conversation: Conversation): Promise<Conversation | undefined> {
  const { turn, stack } = conversation;
  const [file, ...others] = turn.files;
  const slot = stack.isEmpty ? undefined : stack.waiting?.dialog.openSlot(turn, stack.waiting.state);
  if (!file || others.length > 0 || turn.text !== '' || !isRecording(file) || slot?.takesFiles) return conversation;
  const heard = await transcriptOf(turn, file);
  if (typeof heard === 'string') await respond(turn, textMessage(heard));
  else if (isNote(heard)) return answerNote(conversation, heard.text);
  else await takeThreads(conversation, [await keepThread(turn, recordedThread(turn, file, heard))]);
  return undefined;
}

async function transcriptOf(turn: Turn, file: IncomingFile): Promise<Transcript | string> {
  try {
    return await listenTo(turn, file);
  } catch (error) {
    const sentence = listeningFailure(turn, error);
    if (sentence === undefined) throw error;
    return sentence;
  }
}

const isNote = ({ durationMs, text }: Transcript): boolean => (durationMs === undefined ? text.length <= MAX_NOTE_LENGTH : durationMs <= MAX_NOTE_MS);

/** What was understood is shown first: it may be wrong. */
async function answerNote(conversation: Conversation, text: string): Promise<Conversation> {
  const { turn } = conversation;
  const understood = turn.words.voice.heard(escapeMarkdown(cleanText(text, MAX_SHOWN_LENGTH)));
  turn.heard(text);
  await respond(turn, textMessage(understood)); // ends what is shown live: an answer that grows there would stand above it
  return saying(conversation, text);
}
