namespace Servers.Vfs.Fat;

/// <summary>The characters of the IBM PC, in which short names are written.</summary>
internal static class CodePage437
{
    // 0x80 to 0xFF.
    private const string Upper =
        "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓" +
        "│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00A0";

    /// <summary>The character of a byte.</summary>
    public static char Of(byte value) => value < 0x80 ? (char)value : Upper[value - 0x80];
}
