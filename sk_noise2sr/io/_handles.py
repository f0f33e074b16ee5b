"""HDF5 files that a library opens and does not close."""

import os
import sys
import threading

_ONE_AT_A_TIME = threading.RLock()


class Leftovers:
    """Handles of a file that a block of code has opened, and has not closed.

    Until a file is closed, HDF5 takes its header from memory: a file rewritten in place would be
    read with the old header, and could not be written at all.

    Parameters
    ----------
    path : pathlib.Path
        An HDF5 file; of any other there are no handles.
    """

    def __init__(self, path):
        self.path = path
        self._handles = []

    def __enter__(self):
        _ONE_AT_A_TIME.acquire()
        self._before = {each.id for each in self._open()}
        return self

    def __exit__(self, *error):
        try:
            self._handles = [each for each in self._open() if each.id not in self._before]
        finally:
            _ONE_AT_A_TIME.release()

    def close(self):
        """Close them, with all that was opened through them."""
        h5py = sys.modules.get("h5py")
        for handle in self._handles:
            if handle.valid:
                h5py.File(h5py.h5i.get_file_id(handle)).close()

    def _open(self):
        h5py = sys.modules.get("h5py")
        if h5py is None:
            return []
        # A dataset keeps its file open, when nobody holds the file itself any longer.
        kinds = h5py.h5f.OBJ_FILE | h5py.h5f.OBJ_GROUP | h5py.h5f.OBJ_DATASET
        handles = h5py.h5f.get_obj_ids(h5py.h5f.OBJ_ALL, kinds)
        return [each for each in handles if h5py.h5f.get_name(each) == os.fsencode(self.path)]
