import { assembleThread } from './assemble';
import type { ParsedMessage } from './assemble';
import { FileError } from './error';
import type { Thread } from './thread';

/** Who speaks in a cue that names nobody. */
const UNKNOWN_SPEAKER = 'Speaker';

/** "Ana Ruiz: text", the way SRT and Zoom name a speaker. */
const namedText = /^([\p{Lu}\p{Lo}][^:\n<>]{0,50}?):\s+(\S[\s\S]*)$/u;

/**
 * A meeting from WebVTT or SRT captions, one message a voice (`<v Name>`) or cue, timed by the cue's start.
 * `isAnonymous`: no cue names its speaker, whatever it begins with. Throws FileError `unreadable` where no cue can be read,
 * `empty` where there is none. Format: https://www.w3.org/TR/webvtt1/
 */
export async function parseCaptions(title: string, text: string, type: 'vtt' | 'srt', { isAnonymous = false }: { readonly isAnonymous?: boolean } = {}): Promise<Thread> {
  const { parseText, tokenizeVTTCue } = await loadCaptionsLibrary();
  const { cues } = await parseText(text, { type });
  if (cues.length === 0) throw new FileError(text.includes('-->') ? 'unreadable' : 'empty', `${title} has no captions that can be read.`);
  const messages = cues.flatMap((cue) => toMessages(cue, speeches(tokenizeVTTCue(cue)), isAnonymous));
  return assembleThread({ title, kind: 'meeting', messages });
}

interface Cue {
  readonly id: string;
  /** Seconds. */
  readonly startTime: number;
}

type Token =
  | { readonly type: 'text'; readonly data: string }
  | { readonly type: 'v'; readonly voice?: string; readonly children: readonly Token[] }
  | { readonly type: 'c' | 'i' | 'b' | 'u' | 'ruby' | 'rt' | 'lang'; readonly children: readonly Token[] }
  | { readonly type: 'timestamp' };

interface CaptionsLibrary {
  readonly parseText: (text: string, options: { readonly type: 'vtt' | 'srt' }) => Promise<{ readonly cues: readonly Cue[] }>;
  readonly tokenizeVTTCue: (cue: Cue) => readonly Token[];
}

/** The cast: media-captions' own declarations import without extensions, which TypeScript cannot resolve for Node. */
const loadCaptionsLibrary = async (): Promise<CaptionsLibrary> => (await import('media-captions')) as unknown as CaptionsLibrary;

interface Speech {
  readonly voice: string | undefined;
  readonly text: string;
}

/** What each voice says in one cue; text outside of a voice belongs to the voice before it. */
function speeches(tokens: readonly Token[], voice?: string): readonly Speech[] {
  const spoken: Speech[] = [];
  let current = voice;
  for (const token of tokens) {
    if (token.type === 'v' && token.voice) current = token.voice.trim();
    const parts = token.type === 'text' ? [{ voice: current, text: token.data }] : 'children' in token ? speeches(token.children, current) : [];
    for (const part of parts) append(spoken, part);
  }
  return spoken;
}

function append(spoken: Speech[], part: Speech): void {
  const last = spoken.at(-1);
  if (last?.voice !== part.voice || !last) spoken.push(part);
  else spoken[spoken.length - 1] = { voice: last.voice, text: last.text + part.text };
}

function toMessages(cue: Cue, parts: readonly Speech[], isAnonymous: boolean): readonly ParsedMessage[] {
  return parts.flatMap((part) => {
    const { author, text } = attribute(part, isAnonymous);
    if (text === '') return [];
    return [{ ...(cue.id ? { id: cue.id } : {}), author, offsetMs: Math.round(cue.startTime * 1000), text }];
  });
}

function attribute({ voice, text }: Speech, isAnonymous: boolean): { readonly author: string; readonly text: string } {
  const flat = text.replace(/\s+/g, ' ').trim();
  if (isAnonymous) return { author: UNKNOWN_SPEAKER, text: flat };
  if (voice) return { author: voice, text: flat };
  const [, name, rest] = namedText.exec(flat) ?? [];
  return name && rest ? { author: name.trim(), text: rest } : { author: UNKNOWN_SPEAKER, text: flat };
}
