import { guardTool, type ToolGuard } from '../../media/tool-guard.ts';

/** Guards as guardTool does, and tells the tool's process id, and when it is out of guard. */
export const telling =
  (onStart: (pid: number) => void, onEnd: () => void = () => {}): ToolGuard =>
  (pid) => {
    onStart(pid);
    const release = guardTool(pid);
    return () => {
      release();
      onEnd();
    };
  };
