import { isOnHost } from '../../dialogs/links';

/** Where messages of Teams open, in its different clouds. */
export const TEAMS_HOSTS: readonly string[] = ['teams.microsoft.com', 'teams.cloud.microsoft', 'teams.microsoft.us', 'teams.microsoftonline.cn'];

/** True for an address within Teams: what came with a message may name any other. */
export const isTeamsUrl = (url: string): boolean => /^https:\/\//i.test(url) && isOnHost(url, TEAMS_HOSTS);
