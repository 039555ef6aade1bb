/** English: the source of the catalogue. Sentences are plain and short, say what to do next, and never blame. */
export const en = {
  language: 'English',
};
