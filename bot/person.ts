import type { Activity } from 'botbuilder';
import type { Person } from '../state/person';
import { partsOfKey, userKey } from './turns/keys';

/** The person whom a key names, for looking up what is kept about them. */
export function personOf(key: string): Person {
  const [channelId, , id] = partsOfKey(key);
  return {
    userKey: key,
    ...(channelId === 'directline' && id !== undefined && { webUserId: id }),
    isFrom: (json) => userKey(toActivity(json)) === key,
    isTo: (json) => {
      const { recipient, ...reply } = toActivity(json);
      return userKey({ ...reply, ...(recipient && { from: recipient }) }) === key;
    },
  };
}

const toActivity = (json: string): Partial<Activity> => JSON.parse(json) as Partial<Activity>; // written by the turn engine
