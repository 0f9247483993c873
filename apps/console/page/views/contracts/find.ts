import type { MessageDocument, RouteDocument } from '../../../src/api/documents';
import { rowsOf } from './schema-rows';

/** Room for a table of fields. */
export const panelWidth = 560;

/** What each contract is found by: all that is said of it, and the names of its fields. */
export function foundMessages(messages: readonly MessageDocument[], text: string) {
  return messages.filter((message) => {
    const { contract, pattern, place, sentBy, heardBy, body, replies } = message;
    const schemas = [body, ...replies.map((reply) => reply.body)];
    const fields = schemas.flatMap((schema) => rowsOf(schema).map(({ path }) => path));
    const heard = heardBy.map(({ service, queue, handler }) => `${service} ${queue} ${handler}`);
    return holdsAll([contract, pattern, place, message.text, ...sentBy, ...heard, ...fields], text);
  });
}

export function foundRoutes(routes: readonly RouteDocument[], text: string) {
  return routes.filter((route) => {
    const { service, summary, tag, parameters } = route;
    const names = parameters.map(({ name }) => name);
    return holdsAll([service, nameOfRoute(route), summary, route.text, tag, ...names], text);
  });
}

function holdsAll(said: string[], text: string): boolean {
  const all = said.join(' ').toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word));
}

export function nameOfRoute({ method, path }: RouteDocument): string {
  return `${method} ${path}`;
}

/** In the URL. */
export function idOfRoute(route: RouteDocument): string {
  return `${route.service} ${nameOfRoute(route)}`;
}
