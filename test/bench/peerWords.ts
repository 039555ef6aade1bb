/** What the botbuilder peer asks and answers; the bench checks that it does. */
export const botbuilderQuestion = 'What should I translate?';

export const botbuilderAnswer = (text: string): string => `Translating needs a model. Your text was: ${text}`;

/** What the two echo peers answer. */
export const echo = (text: string): string => `echo: ${text}`;
