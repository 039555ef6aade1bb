import type { Cues } from './cues';
import { de } from './de';
import { en } from './en';
import { es } from './es';
import { fr } from './fr';

const cues: Readonly<Record<string, Cues>> = { en, de, fr, es };

/** The cues of a BCP 47 primary language; English where there are none: they then match next to nothing. */
export const cuesFor = (language: string): Cues => cues[language] ?? en;
