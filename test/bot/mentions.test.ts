import type { Activity, Entity } from 'botbuilder';
import { mentionsBot, textWithoutOwnMention } from '../../bot/mentions';

const bot = { id: '28:bot', name: 'Parley' };
const mention = (text?: string, mentioned: unknown = bot): Entity => ({ type: 'mention', mentioned, ...(text !== undefined && { text }) });
const message = (text: unknown, ...entities: unknown[]): Partial<Activity> => ({ text, recipient: bot, entities }) as unknown as Partial<Activity>;

test.each<[string, Partial<Activity>, string]>([
  ['a leading mention', message('<at>Parley</at> help', mention('<at>Parley</at>')), 'help'],
  ['a trailing mention', message('help <at>Parley</at>', mention('<at>Parley</at>')), 'help'],
  ['an entity without text', message('<at>Parley</at> help', mention()), 'help'],
  ['an entity without text or name', message('<at>Parley</at> help', mention(undefined, { id: bot.id })), 'help'],
  ['a tag with attributes', message('<at id="0">Parley</at> help', mention()), 'help'],
  ['the bot mentioned twice', message('<at>Parley</at> <at>Parley</at> help', mention('<at>Parley</at>'), mention('<at>Parley</at>')), 'help'],
  ['a no-break space after it', message('<at>Parley</at>\u00a0help', mention('<at>Parley</at>')), 'help'],
  ['a zero-width space around it', message('\u200b<at>Parley</at>\u200bhelp\u200b', mention('<at>Parley</at>')), 'help'],
  ['a mention without <at>', message('@Parley help', mention('@Parley')), 'help'],
  ['a name with special characters', message('<at>P(ar)ley+</at> help', mention('<at>P(ar)ley+</at>')), 'help'],
  ['a line break after it', message('<at>Parley</at>\r\nhelp', mention('<at>Parley</at>')), 'help'],
  ['only the mention', message('<at>Parley</at>', mention('<at>Parley</at>')), ''],
  ['other people, who stay', message('<at>Parley</at> ask <at>Ada</at>', mention('<at>Parley</at>'), mention('<at>Ada</at>', { id: '29:ada', name: 'Ada' })), 'ask <at>Ada</at>'],
  ['somebody of the same name', message('<at>Parley</at> hi', mention('<at>Parley</at>', { id: '29:other', name: 'Parley' })), '<at>Parley</at> hi'],
  ['the bot in the middle, which stays', message('ask <at>Parley</at> this', mention('<at>Parley</at>')), 'ask <at>Parley</at> this'],
  ['no text', message(undefined, mention('<at>Parley</at>')), ''],
  ['a text that is no string', message({ a: 1 }), ''],
  ['an entity without mentioned', message('hi', { type: 'mention' }), 'hi'],
  ['an entity that is null', message('hi', null), 'hi'],
  ['entities that are no list', { text: 'hi', recipient: bot, entities: 'x' } as unknown as Partial<Activity>, 'hi'],
  ['no recipient', { text: 'hi', entities: [mention('<at>Parley</at>')] }, 'hi'],
  ['invisible tag characters', message('he\u{E0041}lp\u{E007F}'), 'help'],
])('the text without the bot: %s', (_what, activity, expected) => {
  expect(textWithoutOwnMention(activity)).toBe(expected);
});

test('the bot is mentioned only by its own id', () => {
  expect(mentionsBot(message('x', mention('<at>Parley</at>')))).toBe(true);
  expect(mentionsBot(message('x', mention('<at>Parley</at>', { id: '29:other', name: 'Parley' })))).toBe(false);
  expect(mentionsBot(message('Parley'))).toBe(false);
});
