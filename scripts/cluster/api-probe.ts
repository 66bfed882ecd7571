import { Agent, request } from 'undici';

export async function isReady(server: string, token: string): Promise<boolean> {
  return (await statusOf(`${server}/readyz`, token)) === 200;
}

export async function hasServiceAccount(server: string, token: string): Promise<boolean> {
  return (await statusOf(`${server}/api/v1/namespaces/default/serviceaccounts/default`, token)) === 200;
}

/** The HTTP status; 0 where nothing answers. The certificate's authority is not known before the server runs. */
async function statusOf(url: string, token: string): Promise<number> {
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
  try {
    const { statusCode, body } = await request(url, { dispatcher, headers: { authorization: `Bearer ${token}` } });
    await body.dump();
    return statusCode;
  } catch {
    return 0;
  } finally {
    await dispatcher.destroy();
  }
}
