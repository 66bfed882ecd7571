import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';

/** One state of an object, as it was written to etcd. */
export interface StoredState {
  /** Its key, such as `/registry/configmaps/default/kube-root-ca.crt`. */
  key: string;
  /** Protobuf for what Kubernetes has built in, JSON for the rest; characters are bytes. Empty where it was deleted. */
  value: string;
}

interface WatchAnswer {
  result?: {
    canceled?: boolean;
    cancel_reason?: string;
    events?: Array<{ kv: { key: string; value?: string; mod_revision: string } }>;
  };
}

/** Of all keys: from the first there can be to behind the last. */
const everything = { key: 'AA==', range_end: 'AA==' };

/**
 * Every state of every object that an API server has stored since it was started, those that are gone by now included.
 *
 * @param etcd the address of its etcd
 * @throws an Error where etcd has dropped what is older than a few minutes
 */
export async function* storedStates(etcd: string): AsyncGenerator<StoredState> {
  const current = await (await ask(etcd, '/v3/kv/range', { ...everything, count_only: true })).json();
  const last = BigInt((current as { header: { revision: string } }).header.revision);
  const watch = { create_request: { ...everything, start_revision: '1', fragment: true } };
  const answer = await ask(etcd, '/v3/watch', watch);
  const input = Readable.fromWeb(answer.body as ReadableStream);
  const lines = createInterface({ input });
  try {
    for await (const line of lines) {
      const { result = {} }: WatchAnswer = JSON.parse(line);
      if (result.canceled) throw new Error(`etcd does not tell all that was stored: ${result.cancel_reason}`);
      for (const { kv } of result.events ?? []) {
        yield { key: decoded(kv.key), value: decoded(kv.value ?? '') };
        if (BigInt(kv.mod_revision) >= last) return;
      }
    }
  } finally {
    lines.close();
    input.destroy();
  }
}

function ask(etcd: string, path: string, body: object): Promise<Response> {
  return fetch(etcd + path, { method: 'POST', body: JSON.stringify(body) });
}

function decoded(base64: string): string {
  return Buffer.from(base64, 'base64').toString('latin1');
}
