/** What the botbuilder peer asks and answers; the bench checks that it does. */
export const botbuilderQuestion = 'Should I delete everything that I keep about you?';
export const botbuilderAnswer = 'Nothing was deleted.';

/** What the echo peers answer. */
export const echo = (text: string): string => `echo: ${text}`;
