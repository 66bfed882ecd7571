import type { V1CronJob, V1JobList, V1MutatingAdmissionPolicyBinding } from '@kubernetes/client-node';
import type { Cluster } from './cluster.ts';
import { orNotFound, type Requests } from './kubernetes-requests.ts';

/** Stops and starts what a release runs, each object by its name. */
export function releaseControl(
  requests: Requests,
): Pick<Cluster, 'suspendCronJob' | 'endJobs' | 'deleteDeployment' | 'unbindPolicy'> {
  const readCronJob = (namespace: string, name: string) =>
    orNotFound(requests.read<V1CronJob>({ verb: 'get', resource: 'cronjobs', name, namespace }));

  return {
    async suspendCronJob(namespace, name, suspend) {
      const cronJob = await readCronJob(namespace, name);
      if (!cronJob || (cronJob.spec?.suspend === true) === suspend) return false;
      await requests.mergePatch({ verb: 'patch', resource: 'cronjobs', name, namespace }, { spec: { suspend } });
      return true;
    },

    async endJobs(namespace, cronJob) {
      const owner = (await readCronJob(namespace, cronJob))?.metadata?.uid;
      if (owner === undefined) return [];
      const { items } = await requests.read<V1JobList>({ verb: 'list', resource: 'jobs', namespace });
      const started = items.filter(({ metadata }) => metadata?.ownerReferences?.some(({ uid }) => uid === owner));
      const names = started.map(({ metadata }) => metadata?.name ?? '');
      for (const name of names) {
        await orNotFound(
          // In the foreground: while the Job is there its pods may be, and a pod that runs still writes.
          requests.remove({ verb: 'delete', resource: 'jobs', name, namespace }, { propagationPolicy: 'Foreground' }),
        );
      }
      return names;
    },

    async deleteDeployment(namespace, name) {
      const request = { verb: 'delete', resource: 'deployments', name, namespace } as const;
      const deleted = requests.remove(request, { propagationPolicy: 'Foreground' }).then(() => true);
      return (await orNotFound(deleted)) ?? false;
    },

    // It is put back under Helm's name, or Helm 4 would meet a conflict when it changes a label the next time.
    async unbindPolicy(name) {
      const resource = 'mutatingadmissionpolicybindings';
      const binding = await orNotFound(
        requests.read<V1MutatingAdmissionPolicyBinding>({ verb: 'get', resource, name }),
      );
      if (!binding) return async () => {};
      await orNotFound(requests.remove({ verb: 'delete', resource, name }));
      const { labels, annotations } = binding.metadata ?? {};
      const body = { ...binding, metadata: { name, labels, annotations } };
      return () => requests.apply({ verb: 'create', resource, name }, body, { manager: 'helm', force: true });
    },
  };
}
