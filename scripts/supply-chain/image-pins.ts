import { parseAllDocuments } from 'yaml';

const pinned = /(:v?\d+\.\d+\.\d+(-[-.\w]+)?|@sha256:[0-9a-f]{64})$/;

/**
 * Images of a Dockerfile that may be another one tomorrow: without a digest, and without a tag that is a whole version.
 *
 * @returns a sentence for each, with what to do
 */
export function dockerfileImageFaults(file: string, dockerfile: string): string[] {
  const instructions = dockerfile.matchAll(/^(?:ARG BASE=|FROM (?:--\S+ )?|COPY --from=)(\S+)/gm);
  return faultsOf(
    file,
    [...instructions].map(([, image]) => image as string),
  );
}

/** The same of a pipeline of GitLab: the images of its jobs, and the defaults of inputs whose name ends with "_image". */
export function pipelineImageFaults(file: string, pipeline: string): string[] {
  return faultsOf(
    file,
    parseAllDocuments(pipeline).flatMap((document) => imagesIn(document.toJS())),
  );
}

function imagesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const image = key === 'image' ? (inner?.name ?? inner) : key.endsWith('_image') ? inner?.default : undefined;
    return typeof image === 'string' ? [image] : imagesIn(inner);
  });
}

function faultsOf(file: string, images: readonly string[]): string[] {
  return images
    .filter((image) => !image.startsWith('$') && image !== 'scratch' && !pinned.test(image))
    .map((image) => `${file}: the image ${image} may change: name a whole version or a digest`);
}
