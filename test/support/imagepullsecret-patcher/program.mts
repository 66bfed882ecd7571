import { readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';

/**
 * Stands in for imagepullsecret-patcher, whose program is not to be had here: the same requests in the same order, under
 * the same field manager, with the same settings by the same names. It runs as a pod does, with nothing but Node.
 *
 * Source: main.go, secret.go and service_account.go of github.com/titansoft-pte-ltd/imagepullsecret-patcher at commit
 * acc79550, which has all of its eleven settings.
 */
const { env } = process;
const settings = {
  force: (env.CONFIG_FORCE ?? 'true') === 'true',
  managedOnly: env.CONFIG_MANAGEDONLY === 'true',
  runOnce: env.CONFIG_RUNONCE === 'true',
  allServiceAccounts: env.CONFIG_ALLSERVICEACCOUNT === 'true',
  dockerConfigJson: env.CONFIG_DOCKERCONFIGJSON ?? '',
  dockerConfigJsonPath: env.CONFIG_DOCKERCONFIGJSONPATH ?? '',
  secretName: env.CONFIG_SECRETNAME ?? 'image-pull-secret',
  // None of the lists is trimmed.
  excludedNamespaces: (env.CONFIG_EXCLUDED_NAMESPACES ?? '').split(','),
  serviceAccounts: (env.CONFIG_SERVICEACCOUNTS ?? 'default').split(','),
  loopSeconds: Number.parseFloat(env.CONFIG_LOOP_DURATION ?? '10s'),
};
const self = 'imagepullsecret-patcher';
const managedBy = 'app.kubernetes.io/managed-by';
const secretType = 'kubernetes.io/dockerconfigjson';
const secretKey = '.dockerconfigjson';
const exclude = 'k8s.titansoft.com/imagepullsecret-patcher-exclude';

const server = `https://${env.KUBERNETES_SERVICE_HOST}:${env.KUBERNETES_SERVICE_PORT}`;
const tokenFile = env.TOKEN_FILE ?? '/var/run/secrets/kubernetes.io/serviceaccount/token';

interface Named {
  metadata: { name: string; annotations?: Record<string, string> };
}

interface Secret extends Named {
  type: string;
  data?: Record<string, string>;
}

interface ServiceAccount extends Named {
  imagePullSecrets?: Array<{ name: string }>;
}

// A first process of a container is not ended by a signal that it does not handle; Go's ends with 2.
process.once('SIGTERM', () => process.exit(2));
for (;;) {
  await loop();
  if (settings.runOnce) break;
  await setTimeout(settings.loopSeconds * 1000);
}

async function loop(): Promise<void> {
  const { dockerConfigJsonPath: path, dockerConfigJson } = settings;
  const wanted = Buffer.from(path === '' ? dockerConfigJson : await readFile(path)).toString('base64');
  const namespaces = await ask<{ items: Named[] }>('GET', 'namespaces');
  for (const { metadata } of namespaces?.items ?? []) {
    const { name, annotations } = metadata;
    if (annotations?.[exclude] === 'true' || settings.excludedNamespaces.includes(name)) continue;
    try {
      await processSecret(name, wanted);
      await processServiceAccounts(name);
    } catch (error) {
      console.error(`[${name}] ${(error as Error).message}`);
    }
  }
}

async function processSecret(namespace: string, wanted: string): Promise<void> {
  const secrets = `namespaces/${namespace}/secrets`;
  const create = () => {
    const metadata = { name: settings.secretName, namespace, annotations: { [managedBy]: self } };
    return ask('POST', secrets, { metadata, data: { [secretKey]: wanted }, type: secretType });
  };
  const secret = await ask<Secret>('GET', `${secrets}/${settings.secretName}`);
  if (!secret) return void (await create());
  // As in every release: it spares the Secrets that are its own.
  if (settings.managedOnly && secret.metadata.annotations?.[managedBy] === self) {
    throw new Error('spared, as its annotation says that it is mine');
  }
  if (secret.type === secretType && secret.data?.[secretKey] === wanted) return;
  if (!settings.force) throw new Error('not as it should be, and force is off');
  await ask('DELETE', `${secrets}/${settings.secretName}`);
  await create();
}

async function processServiceAccounts(namespace: string): Promise<void> {
  const accounts = `namespaces/${namespace}/serviceaccounts`;
  const list = await ask<{ items: ServiceAccount[] }>('GET', accounts);
  for (const { metadata, imagePullSecrets = [] } of list?.items ?? []) {
    if (!settings.allServiceAccounts && !settings.serviceAccounts.includes(metadata.name)) continue;
    if (imagePullSecrets.some(({ name }) => name === settings.secretName)) continue;
    const longer = [...imagePullSecrets, { name: settings.secretName }];
    await ask('PATCH', `${accounts}/${metadata.name}`, { imagePullSecrets: longer });
  }
}

/** @returns what the API server answers; `undefined` for what is not there */
async function ask<Answer = unknown>(method: string, path: string, body?: object): Promise<Answer | undefined> {
  const token = await readFile(tokenFile, 'utf8');
  const response = await fetch(`${server}/api/v1/${path}`, {
    method,
    headers: {
      Authorization: `Bearer ${token.trim()}`,
      // The API server takes the field manager's name from it.
      'User-Agent': `${self}/v0.0.0 (linux/amd64) kubernetes/$Format`,
      'Content-Type': method === 'PATCH' ? 'application/strategic-merge-patch+json' : 'application/json',
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  if (response.status === 404) return undefined;
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
  return (await response.json()) as Answer;
}
