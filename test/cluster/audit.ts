import { createReadStream } from 'node:fs';
import { text } from 'node:stream/consumers';

/** A request as the API server's audit log names it. */
export interface AuditedRequest {
  verb: string;
  resource: string;
  namespace: string | undefined;
  name: string | undefined;
  /** The query, which tells a LIST by name from a LIST of all. */
  uri: string;
  /** When it came in: milliseconds since 1970. */
  receivedAt: number;
}

interface AuditEvent {
  stage: string;
  verb: string;
  requestURI: string;
  user: { username: string };
  requestReceivedTimestamp: string;
  objectRef?: { resource: string; namespace?: string; name?: string };
}

/**
 * Every request of a user so far. The log has an event when a request comes in, written before it is worked on: once
 * a program has its answers, its requests are in the log.
 *
 * @param from bytes of the log that are left out, as many as it had some time ago; default: none
 */
export async function auditedRequests(auditLog: string, user: string, from = 0): Promise<AuditedRequest[]> {
  const lines = (await text(createReadStream(auditLog, { start: from }))).split('\n').slice(0, -1);
  return lines
    .map((line): AuditEvent => JSON.parse(line))
    .filter((event) => event.stage === 'RequestReceived' && event.user.username === user)
    .map(({ verb, requestURI, objectRef, requestReceivedTimestamp }) => ({
      verb,
      resource: objectRef?.resource ?? '',
      namespace: objectRef?.namespace,
      name: objectRef?.name,
      uri: requestURI,
      receivedAt: Date.parse(requestReceivedTimestamp),
    }));
}
