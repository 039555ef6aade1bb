import { startFakeConnector } from '../helpers/fakeConnector';
import { environmentOf, settled, type Parley, type ParleyHost, type ParleySetup } from '../helpers/parley';
import { startServerProcess } from '../helpers/serverProcess';
import { openTeamsChat } from '../helpers/teamsChat';
import { openWebChat } from '../helpers/webChat';

/** What `npm start` runs, in a process of its own, without tokens: nothing stands between it and what it writes on its outputs. Call `close`. */
export interface BuiltParley extends Pick<Parley, 'url' | 'teams' | 'teamsChat' | 'webChat' | 'close'> {
  /** Lines of both outputs. */
  readonly logged: readonly string[];
}

export async function startBuiltParley({ databaseUrl, model, env }: Required<Pick<ParleySetup, 'model' | 'env'>> & { readonly databaseUrl: string }): Promise<BuiltParley> {
  const teams = await startFakeConnector();
  const server = await startServerProcess(environmentOf({ env, model, databaseUrl, teams }));
  const url = server.url.replace('localhost', '127.0.0.1');
  const host: ParleyHost = { url, teams, identity: undefined, settled: () => settled(url) };
  return {
    url,
    teams,
    get logged() {
      return server.said().split('\n');
    },
    teamsChat: (options) => openTeamsChat(host, options),
    webChat: (lastToken) => openWebChat(host, lastToken),
    close: async () => {
      const code = await server.end('SIGTERM');
      await teams.close();
      if (code !== 0) throw new Error(`The server ended with ${String(code)}.`);
    },
  };
}
