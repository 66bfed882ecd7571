import { Agent, request } from 'undici';

/** How to ask an API server that may not run yet. */
export interface ApiAccess {
  /** Its address. */
  server: string;
  token: string;
  /** Its certificate authority, PEM. */
  authority: string;
}

export async function isReady(access: ApiAccess): Promise<boolean> {
  return (await statusOf('/readyz', access)) === 200;
}

export async function hasServiceAccount(access: ApiAccess): Promise<boolean> {
  return (await statusOf('/api/v1/namespaces/default/serviceaccounts/default', access)) === 200;
}

/** The HTTP status; 0 where nothing answers. */
async function statusOf(path: string, { server, token, authority }: ApiAccess): Promise<number> {
  const dispatcher = new Agent({ connect: { ca: authority } });
  try {
    const { statusCode, body } = await request(server + path, {
      dispatcher,
      headers: { authorization: `Bearer ${token}` },
    });
    await body.dump();
    return statusCode;
  } catch {
    return 0;
  } finally {
    await dispatcher.destroy();
  }
}
