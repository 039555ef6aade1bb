/** A message of a group chat that mentions the bot in some shape, and what is left to obey. */
export interface MentionShape {
  readonly what: string;
  readonly text: unknown;
  readonly entities: unknown;
  readonly expected: string;
}

export const bot = { id: '28:bot', name: 'Parley' };
const ada = { id: '29:ada', name: 'Ada' };
const tag = '<at>Parley</at>';

export const mention = (text?: unknown, mentioned: unknown = bot): object => ({ type: 'mention', mentioned, ...(text !== undefined && { text }) });
const shape = (what: string, text: unknown, entities: unknown, expected = 'help'): MentionShape => ({ what, text, entities, expected });

/** Forty shapes that channels, their clients and people's keyboards make of a mention. */
export const mentionShapes: readonly MentionShape[] = [
  shape('a leading mention', `${tag} help`, [mention(tag)]),
  shape('a trailing mention', `help ${tag}`, [mention(tag)]),
  shape('both', `${tag} help ${tag}`, [mention(tag), mention(tag)]),
  shape('an entity without text', `${tag} help`, [mention()]),
  shape('an entity whose text is null', `${tag} help`, [mention(null)]),
  shape('an entity without text or name', `${tag} help`, [mention(undefined, { id: bot.id })]),
  shape('an entity whose name is null', `${tag} help`, [mention(tag, { id: bot.id, name: null })]),
  shape('an entity whose text is empty', `${tag} help`, [mention('')]),
  shape('a tag with attributes', '<at id="0">Parley</at> help', [mention()]),
  shape('a tag with attributes that the entity lacks', '<at id="0">Parley</at> help', [mention(tag)]),
  shape('an entity whose tag has attributes', `${tag} help`, [mention('<at id="0">Parley</at>')]),
  shape('a tag in capitals', '<AT>Parley</AT> help', [mention(tag)]),
  shape('the name in other letters', '<at>PARLEY</at> help', [mention(tag)]),
  shape('spaces inside the tag', '<at> Parley </at> help', [mention(tag)]),
  shape('the bot mentioned twice', `${tag} ${tag} help`, [mention(tag), mention(tag)]),
  shape('the bot mentioned twice, with one entity', `${tag} ${tag} help`, [mention(tag)]),
  shape('a name that Teams split in two', '<at>Parley</at> <at>Bot</at> help', [mention(tag, { id: bot.id, name: 'Parley' }), mention('<at>Bot</at>', { id: bot.id, name: 'Bot' })]),
  shape('a shortened name', '<at>Par</at> help', [mention('<at>Par</at>')]),
  shape('no space after it', `${tag}help`, [mention(tag)]),
  shape('a no-break space after it', `${tag}\u00A0help`, [mention(tag)]),
  shape('a no-break space of HTML after the name', '<at>Parley&nbsp;Bot</at> help', [mention('<at>Parley Bot</at>', { id: bot.id, name: 'Parley Bot' })]),
  shape('a no-break space in the name', '<at>Parley\u00A0Bot</at> help', [mention('<at>Parley Bot</at>', { id: bot.id, name: 'Parley Bot' })]),
  shape('zero-width spaces around it', `\u200B${tag}\u200Bhelp\u200B`, [mention(tag)]),
  shape('marks of direction around it', `\u200F${tag}\u200E \u2067help\u2069`, [mention(tag)]),
  shape('a line break after it', `${tag}\r\nhelp`, [mention(tag)]),
  shape('a comma after it', `${tag}, help`, [mention(tag)]),
  shape('a colon after it', `${tag}: help`, [mention(tag)]),
  shape('a mention without a tag', '@Parley help', [mention('@Parley')]),
  shape('a mention by id, as in Slack', '<@U024BE7LH> help', [mention('<@U024BE7LH>')]),
  shape('a name with signs of regular expressions', '<at>P(ar)ley+</at> help', [mention('<at>P(ar)ley+</at>', { id: bot.id, name: 'P(ar)ley+' })]),
  shape('a name that is escaped in the text alone', '<at>R&amp;D Parley</at> help', [mention('<at>R&D Parley</at>', { id: bot.id, name: 'R&D Parley' })]),
  shape('a name that is composed in the text alone', '<at>Pàrley</at> help', [mention('<at>Pa\u0300rley</at>', { id: bot.id, name: 'Pa\u0300rley' })]),
  shape('the id without "28:"', `${tag} help`, [mention(tag, { id: 'bot', name: 'Parley' })]),
  shape('entities that are no mentions, or nothing', `${tag} help`, [null, 'x', { type: 'mention' }, { type: 'clientInfo', locale: 'en' }, mention(tag)]),
  shape('other people, who stay', `${tag} ask <at>Ada</at>`, [mention(tag), mention('<at>Ada</at>', ada)], 'ask <at>Ada</at>'),
  shape('the bot mentioned thirty times', `${tag} `.repeat(30) + 'help', Array.from({ length: 30 }, () => mention(tag))),
  shape('the bot in the middle, whose name stays', `ask ${tag} this`, [mention(tag)], 'ask Parley this'),
  shape('only the mention', tag, [mention(tag)], ''),
  shape('only mentions and white space', ` ${tag}\n${tag} \u200B`, [mention(tag)], ''),
  shape('a long gap after it', `${tag}${' '.repeat(100_000)}help`, [mention(tag)]),
];
