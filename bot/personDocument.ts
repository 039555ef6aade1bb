import type { Queries } from '../state/database';
import { exportPerson } from '../state/exportPerson';
import type { Person } from '../state/person';

/** All that is kept about a person, as one JSON document, piece by piece: `{ "format", "user", "exportedAt", "records": [{ "kind", "data" }] }`. */
export async function* personDocument(queries: Queries, person: Person): AsyncGenerator<string> {
  yield `{"format":"parley-person-1","user":${JSON.stringify(person.userKey)},"exportedAt":"${new Date().toISOString()}","records":[`;
  let between = '\n';
  for await (const record of exportPerson(queries, person)) {
    yield `${between}${JSON.stringify(record)}`;
    between = ',\n';
  }
  yield '\n]}\n';
}
