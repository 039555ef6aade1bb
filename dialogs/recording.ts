import { AIError } from '../ai/error';
import { soundTypeOf } from '../ai/mediaType';
import { MAX_RECORDING_BYTES, type Transcript, type TranscriptSegment } from '../ai/transcribe';
import { cleanLine, escapeMarkdown } from '../cards/escape';
import { FileError } from '../threads/error';
import type { Author, Thread, ThreadMessage } from '../threads/thread';
import { failureText } from './failure';
import { showProgress } from './response';
import type { IncomingFile, Turn } from './turn';

/** Name endings of recordings; bot/pages/chatPage.ts offers them in the page's file box. */
const RECORDING_NAME = /\.(?:flac|m4a|mp3|mp4|mpe?ga?|oga|ogg|opus|wav|weba|webm)$/i;
/** How the host marks a voice message of Teams, which no bot is given (MicrosoftDocs/msteams-docs #1805, #14169). */
export const TEAMS_VOICE_MESSAGE = 'application/vnd.microsoft.card.audio';

/** Sound, by its name or by what the sender says it is. */
export function isRecording({ name, contentType }: IncomingFile): boolean {
  return RECORDING_NAME.test(name) || contentType === TEAMS_VOICE_MESSAGE || /^(?:audio\/|video\/(?:mp4|webm)|application\/ogg)/i.test(contentType);
}

/** What is said in a recording; or one sentence, why that cannot be told and what to do. */
export async function listenTo(turn: Turn, file: IncomingFile): Promise<Transcript | string> {
  const { words: { voice: words }, engine } = turn;
  const name = escapeMarkdown(cleanLine(file.name, 100)) || words.unnamed;
  if (file.contentType === TEAMS_VOICE_MESSAGE) return words.notGiven;
  if (!engine.transcribe) return words.needsModel(name);
  const bytes = await file.read(turn.signal);
  const type = soundTypeOf(bytes);
  if (!type) return words.notSound(name);
  if (bytes.length > MAX_RECORDING_BYTES) return words.tooLarge(name, MAX_RECORDING_BYTES / 1_000_000);
  showProgress(turn, words.listening);
  const transcript = await engine.transcribe({ bytes, type }, turn.signal);
  return transcript.text === '' ? words.nothingHeard(name) : transcript;
}

/** The sentence for an error on the way there; undefined for others' errors. */
export function listeningFailure(turn: Turn, error: unknown): string | undefined {
  if (error instanceof AIError) return failureText(turn, error);
  if (!(error instanceof FileError)) return undefined;
  const { words } = turn;
  if (error.code === 'too-large') return words.voice.tooLarge(words.voice.unnamed, Math.floor((error.limitBytes ?? MAX_RECORDING_BYTES) / 1_000_000));
  return words.files.unavailable(words.voice.unnamed);
}

/** A recording as a meeting: who says what and when, as far as the service tells. */
export function recordedThread({ words }: Turn, { name }: IncomingFile, { text, segments }: Transcript): Thread {
  const title = cleanLine(name, 100) || words.voice.unnamed;
  const authors = new Map<string, Author>();
  const authorOf = (speaker: string | undefined): Author => {
    if (speaker === undefined) return { id: 'recording', name: title };
    const author = authors.get(speaker) ?? { id: `speaker-${authors.size + 1}`, name: words.voice.speaker(authors.size + 1) };
    authors.set(speaker, author);
    return author;
  };
  const parts = segments.length > 0 ? joined(segments) : paragraphsOf(text).map((part) => ({ text: part, speaker: undefined }));
  const messages: ThreadMessage[] = parts.map((part, index) => ({
    id: String(index + 1),
    author: authorOf(part.speaker),
    text: part.text,
    ...('startMs' in part && { offsetMs: part.startMs }),
  }));
  const participants = [...new Map(messages.map(({ author }) => [author.id, author])).values()];
  return { id: 'recording', title, kind: 'meeting', messages, participants };
}

/** About three sentences: what one link leads to. In characters. */
const PART_LENGTH = 300;
const PART_MS = 30_000;

/** Segments of a few words each, of one voice, in parts that say something. */
function joined(segments: readonly TranscriptSegment[]): readonly TranscriptSegment[] {
  const parts: TranscriptSegment[] = [];
  for (const segment of segments) {
    const last = parts.at(-1);
    const goesOn = last && last.speaker === segment.speaker && last.text.length + segment.text.length < PART_LENGTH && segment.endMs - last.startMs <= PART_MS;
    if (goesOn) parts[parts.length - 1] = { ...last, endMs: segment.endMs, text: `${last.text} ${segment.text}` };
    else parts.push(segment);
  }
  return parts;
}

function paragraphsOf(text: string): readonly string[] {
  const parts: string[] = [];
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: 'sentence' }).segment(text)) {
    const last = parts.at(-1);
    if (last !== undefined && last.length + segment.length < PART_LENGTH) parts[parts.length - 1] = `${last}${segment}`;
    else parts.push(segment);
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}
