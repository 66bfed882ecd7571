import {
  type ControlPlane,
  type ControlPlaneOptions,
  startControlPlane as start,
} from '../../scripts/cluster/control-plane.ts';
import { searchControlPlane } from './leaks/search-cluster.ts';

/** A control plane of which all that it stored is searched for passwords before it stops. */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const controlPlane = await start(options);
  const stop = async () => {
    try {
      await searchControlPlane(controlPlane);
    } finally {
      await controlPlane.stop();
    }
  };
  return { ...controlPlane, stop, [Symbol.asyncDispose]: stop };
}
