/** Told how far a run is, for a person who waits for it. */
export interface Progress {
  /** So many further objects were read of the API server, which does not tell how many there are. */
  read(objects: number): void;
  /** So many namespaces are done, of all in which there is something to do. */
  namespacesDone(done: number, all: number): void;
}
