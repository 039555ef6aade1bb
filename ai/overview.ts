import { z } from 'zod';
import { AIError } from './error';
import type { Claim } from './evidence';
import { languageName } from './languageName';
import type { Model } from './model';
import { askStructured } from './structured';

const MAX_SENTENCES = 2;

/**
 * Two sentences over claims that were checked; the thread itself is not shown again. Undefined where the model failed
 * or said a number or address that no claim has: a summary without an overview is better than none.
 */
export async function writeOverview(model: Model, claims: readonly Claim[], language: string, signal: AbortSignal): Promise<string | undefined> {
  const data = { claims: claims.map(({ kind, text, owner, due }) => ({ kind, text, owner, due })) };
  const request = { name: 'summary_overview', shape: z.strictObject({ overview: z.string() }), instructions: instructionsFor(language), data, maxOutputTokens: 400 };
  try {
    const { overview } = await askStructured(model, request, signal);
    const short = firstSentences(overview.replace(/\s+/g, ' ').trim(), language);
    return short && isSupported(short, JSON.stringify(data)) ? short : undefined;
  } catch (error) {
    if (signal.aborted || !(error instanceof AIError)) throw error;
    return undefined;
  }
}

const instructionsFor = (language: string): string =>
  `The user message is JSON with notes about a conversation. Say in at most two plain sentences, in ${languageName(language)}, what it was about and what came out of it. Use only what the notes say.`;

const firstSentences = (text: string, language: string): string =>
  [...new Intl.Segmenter(language, { granularity: 'sentence' }).segment(text)].slice(0, MAX_SENTENCES).map(({ segment }) => segment).join('').trim();

const isSupported = (text: string, claims: string): boolean => (text.match(/\p{Nd}+|(?:https?:\/\/|www\.)\S+/giu) ?? []).every((fact) => claims.includes(fact));
