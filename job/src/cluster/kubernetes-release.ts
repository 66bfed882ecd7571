import {
  AdmissionregistrationV1Api,
  AppsV1Api,
  BatchV1Api,
  type Configuration,
  type V1CronJob,
} from '@kubernetes/client-node';
import type { Cluster } from './cluster.ts';
import { type Ask, apply, merge, orNotFound } from './kubernetes-requests.ts';

/** Stops and starts what a release runs, each object by its name. */
export function releaseControl(
  configuration: Configuration,
  ask: Ask,
): Pick<Cluster, 'suspendCronJob' | 'endJobs' | 'deleteDeployment' | 'unbindPolicy'> {
  const apps = new AppsV1Api(configuration);
  const batch = new BatchV1Api(configuration);
  const admission = new AdmissionregistrationV1Api(configuration);

  const readCronJob = (namespace: string, name: string): Promise<V1CronJob | undefined> =>
    orNotFound(
      ask({ verb: 'get', resource: 'cronjobs', name, namespace }, () =>
        batch.readNamespacedCronJob({ name, namespace }),
      ),
    );

  return {
    async suspendCronJob(namespace, name, suspend) {
      const cronJob = await readCronJob(namespace, name);
      if (!cronJob || (cronJob.spec?.suspend === true) === suspend) return false;
      const body = { spec: { suspend } };
      await ask({ verb: 'patch', resource: 'cronjobs', name, namespace }, () =>
        batch.patchNamespacedCronJob({ name, namespace, body }, merge),
      );
      return true;
    },

    async endJobs(namespace, cronJob) {
      const owner = (await readCronJob(namespace, cronJob))?.metadata?.uid;
      if (owner === undefined) return [];
      const { items } = await ask({ verb: 'list', resource: 'jobs', namespace }, () =>
        batch.listNamespacedJob({ namespace }),
      );
      const started = items.filter(({ metadata }) => metadata?.ownerReferences?.some(({ uid }) => uid === owner));
      const names = started.map(({ metadata }) => metadata?.name ?? '');
      for (const name of names) {
        await orNotFound(
          ask({ verb: 'delete', resource: 'jobs', name, namespace }, () =>
            // In the foreground: while the Job is there its pods may be, and a pod that runs still writes.
            batch.deleteNamespacedJob({ name, namespace, propagationPolicy: 'Foreground' }),
          ),
        );
      }
      return names;
    },

    async deleteDeployment(namespace, name) {
      const deleted = await orNotFound(
        ask({ verb: 'delete', resource: 'deployments', name, namespace }, () =>
          apps.deleteNamespacedDeployment({ name, namespace, propagationPolicy: 'Foreground' }),
        ),
      );
      return deleted !== undefined;
    },

    // It is put back under Helm's name, or Helm 4 would meet a conflict when it changes a label the next time.
    async unbindPolicy(name) {
      const resource = 'mutatingadmissionpolicybindings';
      const binding = await orNotFound(
        ask({ verb: 'get', resource, name }, () => admission.readMutatingAdmissionPolicyBinding({ name })),
      );
      if (!binding) return async () => {};
      await orNotFound(
        ask({ verb: 'delete', resource, name }, () => admission.deleteMutatingAdmissionPolicyBinding({ name })),
      );
      const { labels, annotations } = binding.metadata ?? {};
      const body = { ...binding, metadata: { name, labels, annotations } };
      return async () => {
        await ask({ verb: 'create', resource, name }, () =>
          admission.patchMutatingAdmissionPolicyBinding({ name, body, fieldManager: 'helm', force: true }, apply),
        );
      };
    },
  };
}
