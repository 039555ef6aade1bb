import { z } from 'zod';

/** Display names and file names have no more, in characters. */
const MAX_NAME_LENGTH = 256;

/** A name that somebody chose, as the bot takes it: one line, cut to a length that is no burden. */
export const chosenName = z.string().transform((name) => {
  const line = name.slice(0, 4 * MAX_NAME_LENGTH).replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return line.length <= MAX_NAME_LENGTH ? line : line.slice(0, MAX_NAME_LENGTH).toWellFormed().replace(/\uFFFD$/, '');
});

/** An id that a channel made. Those that stand in keys of the store must stay short: PostgreSQL indexes 2,700 bytes at most. */
export const channelId = (maxBytes: number): z.ZodType<string, string> => z.string().refine((id) => Buffer.byteLength(id) <= maxBytes);
