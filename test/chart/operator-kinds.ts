interface Definition {
  group: string;
  version: string;
  kind: string;
  plural: string;
  spec: object;
}

const strings = { type: 'object', additionalProperties: { type: 'string' } };
const text = { type: 'string' };
const object = (properties: object, ...required: string[]) => ({ type: 'object', properties, required });
const items = (each: object) => ({ type: 'array', items: each });

/** Those fields of the operators' kinds that the chart writes; a strict API server refuses any other. */
const definitions: Definition[] = [
  {
    group: 'monitoring.coreos.com',
    version: 'v1',
    kind: 'PrometheusRule',
    plural: 'prometheusrules',
    spec: object({
      groups: items(
        object(
          {
            name: text,
            rules: items(object({ alert: text, expr: text, for: text, labels: strings, annotations: strings }, 'expr')),
          },
          'name',
        ),
      ),
    }),
  },
  {
    group: 'monitoring.coreos.com',
    version: 'v1',
    kind: 'ServiceMonitor',
    plural: 'servicemonitors',
    spec: object({
      selector: object({ matchLabels: strings }),
      endpoints: items(object({ port: text, interval: text })),
    }),
  },
  {
    group: 'external-secrets.io',
    version: 'v1',
    kind: 'ExternalSecret',
    plural: 'externalsecrets',
    spec: object({
      refreshInterval: text,
      secretStoreRef: object({ kind: { enum: ['SecretStore', 'ClusterSecretStore'], ...text }, name: text }),
      target: object({ name: text, creationPolicy: text, template: object({ type: text }) }),
      data: items(
        object(
          {
            secretKey: text,
            remoteRef: object(
              {
                key: text,
                property: text,
                version: text,
                conversionStrategy: text,
                decodingStrategy: text,
                metadataPolicy: text,
              },
              'key',
            ),
          },
          'secretKey',
          'remoteRef',
        ),
      ),
    }),
  },
];

/** The operators' kinds, as far as the chart uses them, for an API server without the operators. */
export const operatorKinds = definitions.map(({ group, version, kind, plural, spec }) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.${group}` },
  spec: {
    group,
    scope: 'Namespaced',
    names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
    versions: [{ name: version, served: true, storage: true, schema: { openAPIV3Schema: object({ spec }, 'spec') } }],
  },
}));
