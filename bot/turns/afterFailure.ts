import type { Activity } from 'botbuilder';
import type { OutboxKind } from '../../state/turns';
import { channelOf } from '../channels';
import type { ConnectorError, ConnectorErrorCode } from '../connector/connector';
import { withoutStreamMarks } from '../connector/streamMarks';
import { messageBytes, splitReply } from './split';
import { isStoppedByPerson } from './streamRefusal';

/** One message on its way to a channel. */
export interface OutgoingMessage {
  readonly kind: OutboxKind;
  readonly targetId: string | undefined;
  readonly activity: Partial<Activity>;
  /** It was posted before, and whether it arrived is not known. */
  readonly isRepost?: boolean;
}

/** What is to be posted in place of a message that failed, at once or after a pause. */
export interface NextStep {
  readonly messages: readonly OutgoingMessage[];
  readonly isAtOnce: boolean;
}

/**
 * How it goes on with a message that did not get through; undefined: not at all. The rules: what the channel did not take may be repeated;
 * what replaces a message may be repeated, however it ended; what makes a new message and may have arrived is posted
 * once more at most, since an answer that is lost is worse than one that is seen twice.
 * https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit: 429, 412, 502 and 504 are to be repeated.
 */
export function nextStep(message: OutgoingMessage, error: ConnectorError): NextStep | undefined {
  return steps[error.code](message, error);
}

type Step = (message: OutgoingMessage, error: ConnectorError) => NextStep | undefined;

const later = (...messages: readonly OutgoingMessage[]): NextStep => ({ messages, isAtOnce: false });
const instead = (messages: readonly OutgoingMessage[]): NextStep => ({ messages, isAtOnce: true });
const again: Step = (message) => later(message);
const giveUp: Step = () => undefined;

const steps: Readonly<Record<ConnectorErrorCode, Step>> = {
  'rate-limited': again,
  unavailable: again,
  unauthorized: again, // with another token before; somebody has to mend the bot's identity, and the answer can wait for it
  ambiguous: afterDoubt,
  'stream-refused': (message, error) => (isStoppedByPerson(error) ? undefined : afterLostStream(message) ?? anew(message)),
  gone: (message, error) => (isMessageGone(error) ? anew(message) : undefined),
  'too-large': inParts,
  blocked: giveUp,
  'bad-request': afterLostStream, // for want of anything better: the same without what makes it the end of a stream
};

function afterDoubt(message: OutgoingMessage): NextStep | undefined {
  if (message.activity.type === 'typing') return later(message);
  if (message.kind === 'finish-stream') return afterLostStream(message);
  if (message.isRepost) return undefined;
  // There is one repetition only: typing, which harms nobody, finds out first whether the service takes messages again.
  return later(...typing(message), { ...message, isRepost: true });
}

/** The end of a stream may be said again by replacing the stream's message: that is safe to repeat. */
function afterLostStream({ kind, targetId, activity }: OutgoingMessage): NextStep | undefined {
  if (kind !== 'finish-stream' || targetId === undefined) return undefined;
  return instead([{ kind: 'update', targetId, activity: withoutStreamMarks(activity) }]);
}

/** What was to take the place of another message, as one of its own. */
function anew({ kind, activity }: OutgoingMessage): NextStep | undefined {
  return kind === 'send' ? undefined : instead([{ kind: 'send', targetId: undefined, activity: withoutStreamMarks(activity) }]);
}

function typing({ activity }: OutgoingMessage): readonly OutgoingMessage[] {
  if (!channelOf(activity).typing) return [];
  const { channelId, serviceUrl, conversation, from, recipient } = activity;
  const address = JSON.parse(JSON.stringify({ channelId, serviceUrl, conversation, from, recipient })) as Partial<Activity>; // without what is undefined
  return [{ kind: 'send', targetId: undefined, activity: { type: 'typing', ...address } }];
}

/** Not the conversation: somebody deleted the placeholder, so that nobody can see the answer twice. */
const isMessageGone = ({ details }: ConnectorError): boolean => details.serviceCode === 'ActivityNotFoundInConversation';

const SMALLEST_PART_BYTES = 4 * 1024;

/** The channel takes less than it says: half as much is tried, and half of that. */
function inParts(message: OutgoingMessage): NextStep | undefined {
  for (let limit = messageBytes(message.activity) / 2; limit >= SMALLEST_PART_BYTES; limit /= 2) {
    const [first, ...others] = splitReply(message.activity, limit);
    if (first === undefined || others.length === 0) continue;
    return instead([{ ...message, activity: first }, ...others.map((activity): OutgoingMessage => ({ kind: 'send', targetId: undefined, activity }))]);
  }
  return undefined;
}
