import type Handlebars from 'handlebars';
import runtime from 'handlebars/runtime.js';

// An instance of its own, without the helpers that read what they were not given (`lookup`) or print it (`log`).
// The runtime's own type declarations are empty.
const handlebars = (runtime as unknown as typeof Handlebars).create();
handlebars.unregisterHelper('log');
handlebars.unregisterHelper('lookup');

/** What renders a template that was compiled when the bundle was built. */
export function rendererOf<View>(template: TemplateSpecification): (view: View) => string {
  return handlebars.template<View>(template);
}
