// The implementation that writes a file (PS3.10 §7.1). A test keeps these equal to those of @x/net, which this room
// must
// not import: files are read and written without a network.

export const IMPLEMENTATION_CLASS_UID = '2.25.301788927438904217749526401356072836142';
export const IMPLEMENTATION_VERSION_NAME = 'X_DIMSE_0_1';
