import { AdmissionregistrationV1Api, BatchV1Api, type Configuration, type V1CronJob } from '@kubernetes/client-node';
import type { Cluster } from './cluster.ts';
import type { Release } from './config.ts';
import { type Ask, merge, orNotFound } from './kubernetes-requests.ts';

/** How the objects of a release are told from others: the chart's labels, and Helm's annotation where names are shared. */
const releaseNamespaceAnnotation = 'meta.helm.sh/release-namespace';

/** Stops and starts what a release runs. */
export function releaseControl(
  configuration: Configuration,
  ask: Ask,
): Pick<Cluster, 'suspendSchedule' | 'resumeSchedule' | 'endJobs' | 'unbindPolicy'> {
  const batch = new BatchV1Api(configuration);
  const admission = new AdmissionregistrationV1Api(configuration);

  const cronJobs = async (release: Release): Promise<V1CronJob[]> => {
    const { namespace } = release;
    const labelSelector = releaseLabels(release);
    const name = { verb: 'list', resource: 'cronjobs', namespace } as const;
    return (await ask(name, () => batch.listNamespacedCronJob({ namespace, labelSelector }))).items;
  };

  const setSuspended = async ({ namespace }: Release, name: string, suspend: boolean) => {
    await ask({ verb: 'patch', resource: 'cronjobs', name, namespace }, () =>
      batch.patchNamespacedCronJob({ name, namespace, body: { spec: { suspend } } }, merge),
    );
  };

  return {
    async suspendSchedule(release) {
      const running = (await cronJobs(release)).filter(({ spec }) => spec?.suspend !== true);
      const names = running.map(({ metadata }) => metadata?.name ?? '');
      for (const name of names) await setSuspended(release, name, true);
      return names;
    },

    async resumeSchedule(release, names) {
      for (const name of names) await setSuspended(release, name, false);
    },

    async endJobs(release) {
      const { namespace } = release;
      const owners = new Set((await cronJobs(release)).map(({ metadata }) => metadata?.uid));
      const { items } = await ask({ verb: 'list', resource: 'jobs', namespace }, () =>
        batch.listNamespacedJob({ namespace }),
      );
      const started = items.filter(({ metadata }) => metadata?.ownerReferences?.some(({ uid }) => owners.has(uid)));
      for (const { metadata } of started) {
        const name = metadata?.name ?? '';
        await orNotFound(
          ask({ verb: 'delete', resource: 'jobs', name, namespace }, () =>
            // In the foreground: while the Job is there its pods may be, and a pod that runs still writes.
            batch.deleteNamespacedJob({ name, namespace, propagationPolicy: 'Foreground' }),
          ),
        );
      }
      return started.length;
    },

    async unbindPolicy(release) {
      const resource = 'mutatingadmissionpolicybindings';
      const labelSelector = releaseLabels(release);
      // Not found: the API server does not serve such policies.
      const list = await orNotFound(
        ask({ verb: 'list', resource }, () => admission.listMutatingAdmissionPolicyBinding({ labelSelector })),
      );
      for (const { metadata } of list?.items ?? []) {
        if (metadata?.annotations?.[releaseNamespaceAnnotation] !== release.namespace) continue;
        const name = metadata.name ?? '';
        await orNotFound(
          ask({ verb: 'delete', resource, name }, () => admission.deleteMutatingAdmissionPolicyBinding({ name })),
        );
      }
    },
  };
}

function releaseLabels({ name }: Release): string {
  return `app.kubernetes.io/name=pullsecret-sync,app.kubernetes.io/instance=${name}`;
}
