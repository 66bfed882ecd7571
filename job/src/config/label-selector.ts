/** A Kubernetes LabelSelector: every label and every expression has to fit. An empty one fits all. */
export interface LabelSelector {
  matchLabels?: Record<string, string> | undefined;
  matchExpressions?: LabelExpression[] | undefined;
}

export interface LabelExpression {
  key: string;
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  values?: string[] | undefined;
}

/**
 * Whether labels fit a selector, as the API server decides it: `NotIn` also fits an object without the label.
 * Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 */
export function matchesLabels(selector: LabelSelector, labels: Record<string, string>): boolean {
  const label = (key: string) => (Object.hasOwn(labels, key) ? labels[key] : undefined);
  return (
    Object.entries(selector.matchLabels ?? {}).every(([key, value]) => label(key) === value) &&
    (selector.matchExpressions ?? []).every((expression) => fits(expression, label(expression.key)))
  );
}

function fits({ operator, values = [] }: LabelExpression, value: string | undefined): boolean {
  // A label that is not there is in no list.
  const isListed = values.some((one) => one === value);
  switch (operator) {
    case 'In':
      return isListed;
    case 'NotIn':
      return !isListed;
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}

/** Source: k8s.io/apimachinery/pkg/util/validation, IsQualifiedName. */
export function isLabelKey(key: string): boolean {
  const [name = '', prefix, ...more] = key.split('/').toReversed();
  return more.length === 0 && isLabelName(name) && (prefix === undefined || isDnsName(prefix));
}

/** Source: k8s.io/apimachinery/pkg/util/validation, IsValidLabelValue. */
export function isLabelValue(value: string): boolean {
  return value === '' || isLabelName(value);
}

function isLabelName(text: string): boolean {
  return text.length <= 63 && /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/.test(text);
}

function isDnsName(text: string): boolean {
  return text.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(text);
}
